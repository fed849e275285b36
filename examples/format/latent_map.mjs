// From a pad position to a latent: the map of docs/format.md.

const clamp = (value) => Math.min(1, Math.max(-1, Number.isNaN(value) ? -1 : value));

/** The pad's map of one model file. */
export class LatentMap {
  /** @param {object} meta metadata from `readMetadata` */
  constructor(meta) {
    const { pad, latent_dim: dim } = meta;
    this.dim = dim;
    this.macros = meta.macros;
    this.groups = meta.latent_groups ?? {};
    this.xLabel = pad.x_label ?? 'x';
    this.yLabel = pad.y_label ?? 'y';
    if (pad.grid) {
      const bytes = Uint8Array.from(atob(pad.grid.float32), (c) => c.charCodeAt(0));
      this.rows = pad.grid.rows;
      this.columns = pad.grid.columns;
      this.grid = new Float32Array(bytes.buffer);
    } else {
      this.rows = this.columns = 2;
      this.grid = Float32Array.from(
        [-1, 1].flatMap((y) => [-1, 1].flatMap((x) => pad.origin.map((o, d) => o + x * pad.x_axis[d] + y * pad.y_axis[d]))),
      );
    }
    const expected = this.rows * this.columns * dim;
    if (!(this.rows >= 2 && this.columns >= 2) || this.grid.length !== expected) {
      throw new Error(`the pad's grid has ${this.grid.length} values, expected ${expected}`);
    }
  }

  /**
   * The latent at (x, y), bilinear between the grid's nodes; outside [-1, 1] the edge is taken.
   *
   * @param {number} x
   * @param {number} y
   * @param {Record<string, number>} macros values by name; those not given stand at their default
   * @param {{group: string, z: Float32Array} | null} lock a group that keeps its part of an earlier latent
   * @returns {Float32Array} latent_dim values
   */
  latent(x, y, macros = {}, lock = null) {
    const { rows, columns, dim, grid } = this;
    let r = ((clamp(y) + 1) / 2) * (rows - 1);
    let c = ((clamp(x) + 1) / 2) * (columns - 1);
    const i = Math.min(Math.floor(r), rows - 2);
    const j = Math.min(Math.floor(c), columns - 2);
    r -= i;
    c -= j;
    const node = (row, column) => (row * columns + column) * dim;
    const corners = [
      [(1 - r) * (1 - c), node(i, j)],
      [(1 - r) * c, node(i, j + 1)],
      [r * (1 - c), node(i + 1, j)],
      [r * c, node(i + 1, j + 1)],
    ];
    const z = new Float64Array(dim);
    for (const [share, start] of corners) for (let d = 0; d < dim; d++) z[d] += share * grid[start + d];
    for (const macro of this.macros) {
      const value = macros[macro.name] ?? macro.default;
      if (value) for (let d = 0; d < dim; d++) z[d] += value * macro.direction[d];
    }
    if (lock) {
      const [start, stop] = this.groups[lock.group];
      z.set(lock.z.subarray(start, stop), start);
    }
    return Float32Array.from(z);
  }
}
