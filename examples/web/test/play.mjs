// Plays the built page in headless Chromium as a person would, and writes what came out of the AudioWorklet.
//
//     node test/play.mjs OUT_FOLDER [CHROMIUM]
//
// OUT_FOLDER gets out.f32 (left, right, left, … while the pad is moved once), report.json (positions, facts) and
// page.png. VAESYNTH_WEBGPU=1 gives the browser a software adapter for WebGPU.

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const [out, executablePath = '/usr/bin/chromium'] = process.argv.slice(2);
const graphics = process.env.VAESYNTH_WEBGPU
  ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan']
  : ['--disable-gpu'];
const PATIENCE = 240_000; // milliseconds; a loaded machine compiles WebAssembly slowly

/** Runs in the page: records what the loop node puts out, from now on. */
function record() {
  const source = `registerProcessor('tap', class extends AudioWorkletProcessor {
    process([input]) {
      if (input.length) this.port.postMessage({ at: currentFrame, left: input[0].slice(), right: (input[1] ?? input[0]).slice() });
      return true;
    }
  });`;
  const player = globalThis.vaesynth.player();
  const blocks = (globalThis.recorded = []);
  return player.context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))).then(() => {
    const tap = new AudioWorkletNode(player.context, 'tap', { numberOfOutputs: 0, channelCount: 2, channelCountMode: 'explicit' });
    player.loop.connect(tap);
    tap.port.onmessage = ({ data }) => blocks.push(data);
  });
}

async function main() {
  const server = spawn(process.execPath, [fileURLToPath(new URL('../serve.mjs', import.meta.url)), '0']);
  const address = await new Promise((found, failed) => {
    server.stdout.on('data', (text) => found(String(text).trim()));
    server.on('exit', () => failed(new Error('the server has ended')));
  });
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', ...graphics],
  });
  const problems = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1120, height: 760 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(address);
    const sounds = () => page.waitForFunction(() => globalThis.vaesynth.sounding().serial > 0, null, { timeout: PATIENCE });
    await page.waitForFunction(() => !document.getElementById('play').disabled, null, { timeout: PATIENCE });
    await page.click('#play');
    await sounds();
    const box = await page.locator('#pad').boundingBox();
    const click = (x, y) => page.mouse.click(box.x + ((x + 1) / 2) * box.width, box.y + ((1 - y) / 2) * box.height);
    const position = () => page.evaluate(() => [globalThis.vaesynth.pad.x, globalThis.vaesynth.pad.y]);
    const settled = (before) =>
      page.waitForFunction((n) => globalThis.vaesynth.sounding().serial > n, before, { timeout: PATIENCE });
    const serial = () => page.evaluate(() => globalThis.vaesynth.sounding().serial);

    let before = await serial();
    await click(-0.5, 0.4);
    await settled(before);
    const first = await position();
    await page.evaluate(record);
    await page.waitForTimeout(2500);
    before = await serial();
    await click(0.6, -0.3);
    await settled(before);
    const second = await position();
    await page.waitForTimeout(2500);

    const blocks = await page.evaluate(() => {
      const list = globalThis.recorded;
      const frames = list.reduce((sum, { left }) => sum + left.length, 0);
      const joined = new Float32Array(2 * frames);
      let at = 0;
      for (const { left, right } of list) {
        for (let i = 0; i < left.length; i++) {
          joined[at++] = left[i];
          joined[at++] = right[i];
        }
      }
      const bytes = new Uint8Array(joined.buffer);
      let text = '';
      for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
      const gaps = list.filter(({ at: here }, i) => i && here !== list[i - 1].at + list[i - 1].left.length).length;
      return { audio: btoa(text), gaps };
    });
    // Ten more moves by keyboard, for the median time of a decode.
    await page.focus('#pad');
    for (let i = 0; i < 10; i++) {
      const decodes = await page.evaluate(() => globalThis.vaesynth.times.length);
      await page.keyboard.press('ArrowLeft');
      await page.waitForFunction((n) => globalThis.vaesynth.times.length > n, decodes, { timeout: PATIENCE });
    }
    await page.waitForFunction(
      () => {
        const { faces, pad } = globalThis.vaesynth;
        return faces.at && faces.at[0] === pad.x && faces.at[1] === pad.y;
      },
      null,
      { timeout: PATIENCE },
    );
    const face = await page.evaluate(() => {
      const canvas = document.getElementById('face');
      return Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);
    });
    const third = await position();
    const facts = await page.evaluate(() => ({
      times: globalThis.vaesynth.times.slice(-10),
      sample_rate: globalThis.vaesynth.player().context.sampleRate,
      status: document.getElementById('status').textContent,
    }));
    await mkdir(out, { recursive: true });
    await page.screenshot({ path: join(out, 'page.png') });
    await writeFile(join(out, 'out.f32'), Buffer.from(blocks.audio, 'base64'));
    await writeFile(join(out, 'report.json'), JSON.stringify({ ...facts, first, second, third, gaps: blocks.gaps, face, problems }));
  } finally {
    await browser.close();
    server.kill();
  }
}

await main();
