#!/usr/bin/env node
// Render a loop of a vaesynth model file to WAV: node render.mjs MODEL --x 0.3 --y -0.5 --loops 4 --out loop.wav

import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import * as ort from 'onnxruntime-node';

import { LatentMap } from '../format/latent_map.mjs';
import { checkDecoder, readMetadata } from '../format/model_file.mjs';
import { wav } from './wav.mjs';

const USAGE = `usage: node render.mjs MODEL.decoder.onnx [options]

  --x N, --y N     pad position, -1 to 1 (0)
  --macro NAME=N   a macro's value; may be given again
  --loops N        how many times the loop is played, 1 to 64 (1)
  --out FILE       the WAV file (loop.wav)
  --runs N         decode so many times and tell of the fastest, 1 to 100 (2)
  --json           print what was done as JSON`;

function number(values, name, low, high) {
  const value = Number(values[name]);
  if (!(value >= low && value <= high)) throw new Error(`--${name} is ${values[name]}, expected ${low} to ${high}`);
  return value;
}

/** Arguments as parseArgs wants them: it takes `--y -0.5` for two options, but not `--y=-0.5`. */
function words() {
  const found = [];
  for (const word of process.argv.slice(2)) {
    if (/^-[\d.]/.test(word) && found.length) found.push(`${found.pop()}=${word}`);
    else found.push(word);
  }
  return found;
}

function options() {
  let parsed;
  try {
    parsed = parseArgs({
      args: words(),
      allowPositionals: true,
      options: {
        x: { type: 'string', default: '0' },
        y: { type: 'string', default: '0' },
        macro: { type: 'string', multiple: true, default: [] },
        loops: { type: 'string', default: '1' },
        out: { type: 'string', default: 'loop.wav' },
        runs: { type: 'string', default: '2' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw new Error(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help) return { help: true };
  if (positionals.length !== 1) throw new Error('expected one model file (--help tells more)');
  const macros = Object.fromEntries(
    values.macro.map((text) => {
      const cut = text.lastIndexOf('=');
      const value = Number(text.slice(cut + 1));
      if (cut < 1 || !Number.isFinite(value)) throw new Error(`--macro is ${text}, expected NAME=NUMBER`);
      return [text.slice(0, cut), value];
    }),
  );
  return {
    model: positionals[0],
    x: number(values, 'x', -1, 1),
    y: number(values, 'y', -1, 1),
    loops: Math.round(number(values, 'loops', 1, 64)),
    runs: Math.round(number(values, 'runs', 1, 100)),
    macros,
    out: values.out,
    json: values.json,
  };
}

/** A session that decodes. */
async function open(bytes, meta) {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  checkDecoder(session, meta);
  return session;
}

/** Decode one loop: its channels as Float32Array, and the seconds that the fastest run took. */
async function decode(session, meta, z, runs) {
  const input = { z: new ort.Tensor('float32', z, [1, meta.latent_dim]) };
  let [audio, seconds] = [null, Infinity];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    ({ audio } = await session.run(input, ['audio']));
    seconds = Math.min(seconds, (performance.now() - start) / 1000); // the first run also plans memory
  }
  const [, channels, frames] = audio.dims;
  if (channels !== meta.channels || frames !== meta.frames) {
    throw new Error(`the decoder gave ${channels} x ${frames} values, expected ${meta.channels} x ${meta.frames}`);
  }
  const parts = Array.from({ length: channels }, (_, c) => audio.data.slice(c * frames, (c + 1) * frames));
  if (!parts.every((part) => part.every(Number.isFinite))) throw new Error('the decoder gave values that are not finite');
  return { channels: parts, seconds };
}

async function main() {
  const given = options();
  if (given.help) return console.log(USAGE);
  const bytes = await readFile(given.model).catch((error) => {
    throw new Error(`${given.model} cannot be read: ${error.code ?? error.message}`);
  });
  let meta;
  try {
    meta = readMetadata(bytes);
    if (meta.kind !== 'loop') throw new Error(`kind is ${meta.kind}, expected loop`);
  } catch (error) {
    throw new Error(`${given.model}: ${error.message}`);
  }
  for (const [name, value] of Object.entries(given.macros)) {
    const macro = meta.macros.find((m) => m.name === name);
    const known = meta.macros.map((m) => m.name).join(', ') || 'none';
    if (!macro) throw new Error(`--macro ${name} is unknown, expected one of: ${known}`);
    if (value < macro.min || value > macro.max) {
      throw new Error(`--macro ${name} is ${value}, expected ${macro.min} to ${macro.max}`);
    }
  }
  const z = new LatentMap(meta).latent(given.x, given.y, given.macros);
  const session = await open(bytes, meta).catch((error) => {
    throw new Error(`${given.model}: ${error.message}`);
  });
  const { channels, seconds } = await decode(session, meta, z, given.runs);
  const repeated = channels.map((channel) => {
    const all = new Float32Array(channel.length * given.loops);
    for (let i = 0; i < given.loops; i++) all.set(channel, i * channel.length);
    return all;
  });
  const temporary = `${given.out}.part`;
  await writeFile(temporary, wav(repeated, meta.sample_rate)).catch((error) => {
    throw new Error(`${given.out} cannot be written: ${error.code ?? error.message}`);
  });
  await rename(temporary, given.out);
  const length = meta.frames / meta.sample_rate;
  const report = { model: meta.name, licence: meta.licence, out: given.out, bpm: meta.bpm, decode_ms: seconds * 1000, real_time_factor: length / seconds };
  if (given.json) console.log(JSON.stringify(report));
  else {
    console.log(
      `${given.out}: ${meta.name} at (${given.x}, ${given.y}), ${given.loops} x ${length.toFixed(3)} s at ${meta.bpm} BPM, ` +
        `decoded in ${report.decode_ms.toFixed(1)} ms (${report.real_time_factor.toFixed(0)} x real time); licence of the weights: ${meta.licence}`,
    );
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 2;
});
