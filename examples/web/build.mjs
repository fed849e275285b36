// Puts the site together in dist/: the page, the shared modules, onnxruntime-web and the bundled models.
// No bundler: browsers load modules as they are.

import { cp, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const RUNTIME = 'node_modules/onnxruntime-web/dist/';
const FILES = {
  'index.html': 'index.html',
  'style.css': 'style.css',
  src: 'src',
  '../format': 'format',
  // WebAssembly with SIMD for every browser; the build with WebGPU where there is one.
  [`${RUNTIME}ort.wasm.min.mjs`]: 'ort/ort.wasm.min.mjs',
  [`${RUNTIME}ort-wasm-simd-threaded.mjs`]: 'ort/ort-wasm-simd-threaded.mjs',
  [`${RUNTIME}ort-wasm-simd-threaded.wasm`]: 'ort/ort-wasm-simd-threaded.wasm',
  [`${RUNTIME}ort.webgpu.min.mjs`]: 'ort/ort.webgpu.min.mjs',
  [`${RUNTIME}ort-wasm-simd-threaded.asyncify.mjs`]: 'ort/ort-wasm-simd-threaded.asyncify.mjs',
  [`${RUNTIME}ort-wasm-simd-threaded.asyncify.wasm`]: 'ort/ort-wasm-simd-threaded.asyncify.wasm',
  '../../src/vaesynth/bundled/drums.decoder.onnx': 'models/drums.decoder.onnx',
  '../../src/vaesynth/bundled/faces.decoder.onnx': 'models/faces.decoder.onnx',
};

await rm(here('dist'), { recursive: true, force: true });
await mkdir(here('dist'));
for (const [from, to] of Object.entries(FILES)) await cp(here(from), here(`dist/${to}`), { recursive: true });
console.log('dist/ is ready: npm start serves it at http://localhost:8000');
