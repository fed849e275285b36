// The page: wires pad, shape, decoders, player and pictures together.

import { LatentMap } from '../format/latent_map.mjs';
import { readMetadata } from '../format/model_file.mjs';
import { Decoder } from './decoder.mjs';
import { paintFace } from './face.mjs';
import { Pad } from './pad.mjs';
import { Player } from './player.mjs';
import { Shape } from './shape.mjs';
import { Wave } from './wave.mjs';

const WANDER_SECONDS = [23, 31]; // of one swing in x and in y
const element = (id) => document.getElementById(id);
const wave = new Wave(element('wave'));
const loops = new Map(); // serial → channels, until they have sounded
const times = []; // of decodes, in milliseconds
let map = null; // of the drums
let player = null;
let playing = false;
let serial = 0; // of the newest loop
let shown = 0; // serial of the loop that sounds
let frame = 0; // within it
let facts = '';
let wandering = null; // when it began, as the time of an animation frame

function say(text, wrong = false) {
  element('status').textContent = text;
  element('status').classList.toggle('wrong', wrong);
}

const pad = new Pad(element('pad'), () => decode());
const shape = new Shape(
  element('lock'),
  element('macros'),
  () => map.latent(pad.x, pad.y, shape.macros, shape.lock),
  () => drums.moveTo(pad.x, pad.y, shape),
);

function decode() {
  drums.moveTo(pad.x, pad.y, shape);
  faces.moveTo(pad.x, pad.y); // by its own pad: macros and locks are the drums'
}

const drums = new Decoder({
  async opened({ meta, provider }) {
    try {
      if (player?.context.sampleRate !== meta.sample_rate) {
        await player?.close();
        player = await Player.start(meta.sample_rate, onPosition);
        player.volume = Number(element('volume').value);
        if (playing) await player.play();
      }
    } catch (error) {
      return say(`The sound cannot be started: ${error.message}.`, true);
    }
    map = new LatentMap(meta);
    element('model').textContent = meta.name;
    element('tempo').textContent = `${Number(meta.bpm.toFixed(2))} BPM`;
    element('licence').textContent = `Weights: ${meta.licence}`;
    element('x-label').textContent = `${map.xLabel} →`;
    element('y-label').textContent = `${map.yLabel} →`;
    element('play').disabled = element('wander').disabled = false;
    facts = `${provider === 'webgpu' ? 'WebGPU' : 'WebAssembly'} · ${meta.sample_rate / 1000} kHz`;
    pad.show(map, meta.examples);
    shape.show(meta);
    decode();
  },
  decoded({ x, y, channels, milliseconds }) {
    serial += 1;
    loops.set(serial, channels);
    player.hand(channels, serial);
    times.push(milliseconds);
    say(`${facts} · decoded in ${milliseconds.toFixed(0)} ms · ${x.toFixed(2)}, ${y.toFixed(2)}`);
  },
  failed: (reason) => say(`The loop cannot be decoded: ${reason}.`, true),
});

const faces = new Decoder({
  opened: () => faces.moveTo(pad.x, pad.y),
  decoded: ({ channels }) => paintFace(element('face'), channels, faces.meta),
  failed: (reason) => say(`The face cannot be decoded: ${reason}.`, true),
});

function onPosition(report) {
  frame = report.frame;
  if (report.serial === shown || !loops.has(report.serial)) return;
  shown = report.serial;
  wave.show(loops.get(shown), drums.meta.beats);
  for (const older of loops.keys()) if (older < shown) loops.delete(older);
}

function animate(now) {
  const sounding = loops.get(shown);
  wave.draw(sounding ? frame / sounding[0].length : 0);
  if (wandering !== null) {
    const turn = WANDER_SECONDS.map((seconds) => ((now - wandering) / 1000 / seconds) * 2 * Math.PI);
    pad.moveTo(0.85 * Math.sin(turn[0]), 0.85 * Math.sin(turn[1] + 0.4));
  }
  requestAnimationFrame(animate);
}

/** Open a model file: drums on the pad, or faces beside it. */
function open(bytes, name) {
  try {
    (readMetadata(bytes).kind === 'loop' ? drums : faces).open(bytes, name);
  } catch (error) {
    say(`${name}: ${error.message}.`, true);
  }
}

async function openUrl(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    open(new Uint8Array(await response.arrayBuffer()), url);
  } catch (error) {
    say(`${url} cannot be loaded: ${error.message}.`, true);
  }
}

async function openFile(file) {
  if (file) open(new Uint8Array(await file.arrayBuffer()), file.name);
}

async function togglePlay() {
  playing = !playing;
  element('play').textContent = playing ? 'Stop' : 'Play';
  element('play').setAttribute('aria-pressed', String(playing));
  if (playing) await player.play();
  else player.stop();
}

function wander(now) {
  wandering = now;
  element('wander').setAttribute('aria-pressed', String(now !== null));
}

element('play').addEventListener('click', togglePlay);
element('wander').addEventListener('click', () => wander(wandering === null ? performance.now() : null));
element('pad').addEventListener('pointerdown', () => wander(null));
element('volume').addEventListener('input', (event) => {
  if (player) player.volume = Number(event.target.value);
});
element('file').addEventListener('change', (event) => openFile(event.target.files[0]));
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  openFile(event.dataTransfer.files[0]);
});
addEventListener('keydown', (event) => {
  if (event.key !== ' ' || event.target.closest('button, input, label') || !player) return;
  event.preventDefault();
  togglePlay();
});

// For programs that drive the page.
globalThis.vaesynth = { pad, drums, faces, times, player: () => player, sounding: () => ({ serial: shown, newest: serial, frame }) };

requestAnimationFrame(animate);
openUrl('models/drums.decoder.onnx');
openUrl('models/faces.decoder.onnx');
