// The pad's picture, from the model file alone: places whose latents are alike have a like colour.

const MAX_NODES = 33; // a side: enough for a soft picture, and a bounded amount of work
const STEPS = 12; // of the power iteration
const SPREAD = 2; // deviations that the colours span

/**
 * A small canvas, one pixel a node, to be drawn large and smooth.
 *
 * @param {import('../format/latent_map.mjs').LatentMap} map
 */
export function backdrop(map) {
  const side = Math.min(MAX_NODES, Math.max(map.rows, map.columns, 9));
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const paint = canvas.getContext('2d');
  const place = (i) => (2 * i) / (side - 1) - 1;
  const rows = [];
  for (let i = 0; i < side * side; i++) rows.push(map.latent(place(i % side), -place(Math.floor(i / side))));
  const [hue, light] = principal(rows, 2);
  for (let i = 0; i < rows.length; i++) {
    paint.fillStyle = `oklch(${0.2 + 0.24 * light[i]} ${0.04 + 0.09 * light[i]} ${262 + 140 * hue[i]})`;
    paint.fillRect(i % side, Math.floor(i / side), 1, 1);
  }
  return canvas;
}

/** The first principal components of the rows, each as one value a row, scaled to 0 to 1. */
function principal(rows, count) {
  const dim = rows[0].length;
  const mean = new Float64Array(dim);
  for (const row of rows) for (let d = 0; d < dim; d++) mean[d] += row[d] / rows.length;
  const centred = rows.map((row) => Float64Array.from(row, (value, d) => value - mean[d]));
  const components = [];
  for (let k = 0; k < count; k++) {
    let axis = Float64Array.from({ length: dim }, (_, d) => Math.sin(1 + d * (k + 1))); // any start will do
    let scores = [];
    for (let step = 0; step < STEPS; step++) {
      scores = centred.map((row) => row.reduce((sum, value, d) => sum + value * axis[d], 0));
      axis = axis.map(() => 0);
      centred.forEach((row, i) => row.forEach((value, d) => (axis[d] += scores[i] * value)));
      const length = Math.hypot(...axis) || 1;
      axis = axis.map((value) => value / length);
    }
    scores = centred.map((row) => row.reduce((sum, value, d) => sum + value * axis[d], 0));
    centred.forEach((row, i) => row.forEach((_, d) => (row[d] -= scores[i] * axis[d])));
    const deviation = Math.sqrt(scores.reduce((sum, s) => sum + s * s, 0) / scores.length) || 1;
    components.push(scores.map((s) => Math.min(1, Math.max(0, 0.5 + s / (2 * SPREAD * deviation)))));
  }
  return components;
}
