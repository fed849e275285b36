// The page: wires pad, decoders, player and pictures together.

import { Decoder } from './decoder.mjs';
import { Pad } from './pad.mjs';
import { Player } from './player.mjs';
import { Wave } from './wave.mjs';

const element = (id) => document.getElementById(id);
const wave = new Wave(element('wave'));
const loops = new Map(); // serial → channels, until they have sounded
let player = null;
let playing = false;
let frame = 0;
let shown = 0;
let facts = '';
const times = []; // of decodes, in milliseconds

function say(text) {
  element('status').textContent = text;
}

const pad = new Pad(element('pad'), (x, y) => {
  if (drums.meta) drums.moveTo(x, y);
  if (faces.meta) faces.moveTo(x, y);
});

const drums = new Decoder({
  async opened({ meta, provider }) {
    if (meta.kind !== 'loop') return say(`This model makes an ${meta.kind}, expected a loop.`);
    if (!player || player.context.sampleRate !== meta.sample_rate) {
      await player?.close();
      player = await Player.start(meta.sample_rate, onPosition);
      player.volume = Number(element('volume').value);
      if (playing) await player.play();
    }
    element('model').textContent = `${meta.name} · ${meta.bpm} BPM · weights ${meta.licence}`;
    element('x-label').textContent = `→ ${meta.pad.x_label ?? 'x'}`;
    element('y-label').textContent = `↑ ${meta.pad.y_label ?? 'y'}`;
    element('play').disabled = false;
    facts = `${provider === 'webgpu' ? 'WebGPU' : 'WebAssembly'} at ${meta.sample_rate} Hz`;
    pad.examples = meta.examples ?? [];
    pad.draw();
    drums.moveTo(pad.x, pad.y);
  },
  decoded({ x, y, channels, milliseconds }) {
    const serial = player.hand(channels);
    loops.set(serial, channels);
    times.push(milliseconds);
    say(`${facts} · decoded in ${milliseconds.toFixed(0)} ms · (${x.toFixed(2)}, ${y.toFixed(2)})`);
  },
  failed: (reason) => say(`The loop cannot be decoded: ${reason}.`),
});

const faces = new Decoder({
  opened: () => faces.moveTo(pad.x, pad.y),
  decoded({ channels }) {
    const { height, width } = faces.meta;
    const canvas = element('face');
    [canvas.width, canvas.height] = [width, height];
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = 255 * channels[c][i];
      pixels.data[4 * i + 3] = 255;
    }
    canvas.getContext('2d').putImageData(pixels, 0, 0);
  },
  failed: (reason) => console.warn(`The face cannot be decoded: ${reason}.`),
});

function onPosition(report) {
  frame = report.frame;
  if (report.serial !== shown && loops.has(report.serial)) {
    shown = report.serial;
    wave.show(loops.get(shown), drums.meta.beats ?? 4);
    for (const serial of loops.keys()) if (serial < shown) loops.delete(serial);
  }
}

function paint() {
  const sounding = loops.get(shown);
  wave.draw(sounding ? frame / sounding[0].length : 0);
  requestAnimationFrame(paint);
}

async function openUrl(decoder, url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  decoder.open(new Uint8Array(await response.arrayBuffer()));
}

element('play').addEventListener('click', async () => {
  playing = !playing;
  if (playing) await player.play();
  else player.stop();
  element('play').textContent = playing ? 'Stop' : 'Play';
});
element('volume').addEventListener('input', (event) => {
  if (player) player.volume = Number(event.target.value);
});
element('file').addEventListener('change', async (event) => {
  const [file] = event.target.files;
  if (file) drums.open(new Uint8Array(await file.arrayBuffer()));
});

// For programs that drive the page.
globalThis.vaesynth = { pad, drums, faces, times, player: () => player, sounding: () => ({ serial: shown, frame }) };

requestAnimationFrame(paint);
openUrl(drums, 'models/drums.decoder.onnx').catch((error) => say(`The model cannot be loaded: ${error.message}.`));
openUrl(faces, 'models/faces.decoder.onnx').catch((error) => console.warn(error.message));
