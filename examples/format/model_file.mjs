// The metadata of a vaesynth model file (format 1, docs/format.md), read from the ONNX file itself.
//
// onnxruntime's JavaScript interfaces do not hand out custom metadata, so the outermost protocol buffer message is
// walked here: a few dozen steps, bounded, without copying the weights.

const MAX_FILE = 128 * 1024 * 1024;
const MAX_METADATA = 4 * 1024 * 1024;
const METADATA_PROPS = 14; // of ModelProto; each entry has key = 1 and value = 2

/** A cursor over protocol buffer fields; throws where the bytes end too early. */
class Fields {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  varint() {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      if (this.at >= this.bytes.length) throw new Error('this is no ONNX file, or half of one: it ends within a field');
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('this is no ONNX file: a number has more than 64 bits');
  }

  /** Yields [field number, bytes or null]: bytes for length-delimited fields, null for the others. */
  *[Symbol.iterator]() {
    while (this.at < this.bytes.length) {
      const tag = this.varint();
      const wire = tag % 8;
      const field = Math.floor(tag / 8);
      if (wire === 0) {
        this.varint();
        yield [field, null];
      } else if (wire === 1 || wire === 5) {
        this.at += wire === 1 ? 8 : 4;
        yield [field, null];
      } else if (wire === 2) {
        const length = this.varint();
        if (length > this.bytes.length - this.at) throw new Error('this is no ONNX file, or half of one: it ends within a field');
        yield [field, this.bytes.subarray(this.at, this.at + length)];
        this.at += length;
      } else {
        throw new Error(`this is no ONNX file: a field has wire type ${wire}`);
      }
    }
  }
}

/**
 * The metadata of a model file.
 *
 * @param {Uint8Array} bytes the whole ONNX file
 * @returns {object} the parsed JSON of `metadata_props["vaesynth"]`
 * @throws {Error} one sentence, if this is no model file of format 1
 */
export function readMetadata(bytes) {
  if (bytes.length > MAX_FILE) throw new Error(`the file has ${bytes.length} bytes, expected at most ${MAX_FILE}`);
  const text = new TextDecoder('utf-8', { fatal: true });
  for (const [field, entry] of new Fields(bytes)) {
    if (field !== METADATA_PROPS || !entry) continue;
    let key = '';
    let value = null;
    for (const [part, content] of new Fields(entry)) {
      if (part === 1 && content) key = text.decode(content);
      if (part === 2 && content) value = content;
    }
    if (key !== 'vaesynth' || !value) continue;
    if (value.length > MAX_METADATA) throw new Error(`the metadata has ${value.length} bytes, expected at most ${MAX_METADATA}`);
    return checked(JSON.parse(text.decode(value)));
  }
  throw new Error('the file has no vaesynth metadata, expected a model file of format 1');
}

/**
 * Refuse a session that is no decoder, such as that of an encoder file, whose metadata are the same.
 *
 * @param {{inputNames: readonly string[], outputNames: readonly string[]}} session of ONNX Runtime
 * @param {object} meta metadata from `readMetadata`
 * @throws {Error} one sentence
 */
export function checkDecoder(session, meta) {
  const output = meta.kind === 'loop' ? 'audio' : 'image';
  if (session.inputNames.join() === 'z' && session.outputNames.includes(output)) return;
  const found = `takes ${session.inputNames.join(', ')} and gives ${session.outputNames.join(', ')}`;
  throw new Error(`the graph ${found}, expected a decoder, which takes z and gives ${output}`);
}

function checked(meta) {
  const expect = (condition, words) => {
    if (!condition) throw new Error(`the metadata is broken: ${words}`);
  };
  const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  expect(meta && meta.format === 1, `format is ${meta?.format}, expected 1`);
  expect(meta.kind === 'loop' || meta.kind === 'image', `kind is ${meta.kind}, expected loop or image`);
  expect(whole(meta.latent_dim, 1, 4096), `latent_dim is ${meta.latent_dim}, expected 1 to 4096`);
  expect(meta.pad?.grid || meta.pad?.origin, 'pad has neither a grid nor a plane');
  expect(Array.isArray(meta.macros), 'macros is no list');
  if (meta.kind === 'loop') {
    expect(whole(meta.channels, 1, 2), `channels is ${meta.channels}, expected 1 or 2`);
    expect(whole(meta.frames, 1, 2 ** 26), `frames is ${meta.frames}, expected a positive whole number`);
    expect(meta.sample_rate >= 8000 && meta.sample_rate <= 192000, `sample_rate is ${meta.sample_rate}, expected 8000 to 192000`);
    expect(meta.bpm > 0, `bpm is ${meta.bpm}, expected a positive number`);
  } else {
    expect(whole(meta.height, 8, 4096) && whole(meta.width, 8, 4096), `the image is ${meta.height} x ${meta.width}, expected 8 to 4096 pixels`);
  }
  return meta;
}
