// Decodes latents away from the page: one model, newest request wins.

import { LatentMap } from '../format/latent_map.mjs';
import { readMetadata } from '../format/model_file.mjs';

let session = null;
let map = null;
let meta = null;
let wanted = null;
let busy = false;

async function runtime() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const ort = await import(adapter ? '../ort/ort.webgpu.min.mjs' : '../ort/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = new URL('../ort/', import.meta.url).href;
  ort.env.wasm.numThreads = 1; // one small graph: more threads only wait for each other
  return { ort, providers: adapter ? ['webgpu', 'wasm'] : ['wasm'] };
}
const ready = runtime();

async function open(bytes) {
  const { ort, providers } = await ready;
  const found = readMetadata(bytes);
  let used = null;
  let opened = null;
  for (const provider of providers) {
    try {
      opened = await ort.InferenceSession.create(bytes, { executionProviders: [provider] });
      used = provider;
      break;
    } catch (error) {
      if (provider === providers.at(-1)) throw error;
    }
  }
  [session, meta, map] = [opened, found, new LatentMap(found)];
  postMessage({ type: 'opened', meta, provider: used });
}

async function decode() {
  if (busy || !session) return;
  busy = true;
  const { ort } = await ready;
  while (wanted) {
    const { x, y, macros } = wanted;
    wanted = null;
    const name = meta.kind === 'loop' ? 'audio' : 'image';
    const started = performance.now();
    const z = new ort.Tensor('float32', map.latent(x, y, macros), [1, meta.latent_dim]);
    const { [name]: tensor } = await session.run({ z }, [name]);
    const data = await tensor.getData();
    const size = data.length / tensor.dims[1];
    const channels = Array.from({ length: tensor.dims[1] }, (_, c) => Float32Array.from(data.subarray(c * size, (c + 1) * size)));
    if (!channels.every((channel) => channel.every(Number.isFinite))) throw new Error('the decoder gave values that are not finite');
    const milliseconds = performance.now() - started;
    postMessage({ type: 'decoded', x, y, channels, milliseconds }, channels.map((c) => c.buffer));
  }
  busy = false;
}

onmessage = async ({ data }) => {
  try {
    if (data.type === 'open') await open(data.bytes);
    else wanted = data;
    await decode();
  } catch (error) {
    busy = false;
    postMessage({ type: 'failed', reason: error.message });
  }
};
