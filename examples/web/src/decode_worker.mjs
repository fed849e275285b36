// Decodes latents away from the page: one model, newest request wins.

import { LatentMap } from '../format/latent_map.mjs';
import { checkDecoder, readMetadata } from '../format/model_file.mjs';

let model = null; // {session, meta, map}
let file = null; // {bytes, name}: the newest to be opened
let wanted = null; // the newest position to be decoded
let busy = false;

async function runtime() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const ort = await import(adapter ? '../ort/ort.webgpu.min.mjs' : '../ort/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = new URL('../ort/', import.meta.url).href;
  ort.env.wasm.numThreads = 1; // one small graph: more threads only wait for each other
  return { ort, providers: adapter ? ['webgpu', 'wasm'] : ['wasm'] };
}
const ready = runtime();

/** A session on the first provider that opens the file and decodes with it. */
async function open(bytes) {
  const { ort, providers } = await ready;
  const meta = readMetadata(bytes);
  const map = new LatentMap(meta);
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: [provider] });
      checkDecoder(session, meta);
      const opened = { session, meta, map };
      await run(opened, map.latent(0, 0)); // the first run also plans memory and compiles kernels
      await model?.session.release();
      model = opened;
      return postMessage({ type: 'opened', meta, provider });
    } catch (error) {
      if (provider === providers.at(-1)) throw error;
    }
  }
}

/** The channels of what a latent decodes to. */
async function run({ session, meta }, latent) {
  const { ort } = await ready;
  const name = meta.kind === 'loop' ? 'audio' : 'image';
  const z = new ort.Tensor('float32', latent, [1, meta.latent_dim]);
  const { [name]: tensor } = await session.run({ z }, [name]);
  const data = await tensor.getData();
  const expected = meta.kind === 'loop' ? [1, meta.channels, meta.frames] : [1, 3, meta.height, meta.width];
  if (String(tensor.dims) !== String(expected)) throw new Error(`the decoder gave ${tensor.dims.join(' x ')} values, expected ${expected.join(' x ')}`);
  if (!data.every(Number.isFinite)) throw new Error('the decoder gave values that are not finite');
  const size = data.length / tensor.dims[1];
  return Array.from({ length: tensor.dims[1] }, (_, c) => data.slice(c * size, (c + 1) * size));
}

async function decodeWanted() {
  const { x, y, macros, lock } = wanted;
  wanted = null;
  const started = performance.now();
  const channels = await run(model, model.map.latent(x, y, macros, lock));
  const milliseconds = performance.now() - started;
  postMessage({ type: 'decoded', x, y, channels, milliseconds }, channels.map((c) => c.buffer));
}

/** One thing at a time; what is to be opened comes before what is to be decoded. */
async function work() {
  if (busy) return;
  busy = true;
  while (file || (wanted && model)) {
    const opening = file;
    file = null;
    try {
      await (opening ? open(opening.bytes) : decodeWanted());
    } catch (error) {
      postMessage({ type: 'failed', reason: opening ? `${opening.name}: ${error.message}` : error.message });
    }
  }
  busy = false;
}

onmessage = ({ data }) => {
  if (data.type === 'open') [file, wanted] = [data, null];
  else wanted = data;
  work();
};
