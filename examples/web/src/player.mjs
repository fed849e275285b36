// The audio side: a context at the model's own rate, the loop processor, a volume.

export class Player {
  /** @param {number} sampleRate of the model: nothing is resampled here */
  static async start(sampleRate, onPosition) {
    const context = new AudioContext({ sampleRate, latencyHint: 'interactive' });
    if (!context.audioWorklet) throw new Error('the browser has no AudioWorklet here, expected https or localhost');
    await context.audioWorklet.addModule(new URL('loop_processor.mjs', import.meta.url));
    return new Player(context, onPosition);
  }

  constructor(context, onPosition) {
    this.context = context;
    this.loop = new AudioWorkletNode(context, 'loop', { numberOfInputs: 0, outputChannelCount: [2] });
    this.gain = new GainNode(context, { gain: 0.8 });
    this.loop.connect(this.gain).connect(context.destination);
    this.loop.port.onmessage = ({ data }) => onPosition(data);
  }

  /** Hand a loop over; it is faded in at the frame that is playing. `serial` comes back with positions. */
  hand(channels, serial) {
    this.loop.port.postMessage({ type: 'loop', channels, serial });
  }

  async play() {
    await this.context.resume();
    this.loop.port.postMessage({ type: 'play' });
  }

  stop() {
    this.loop.port.postMessage({ type: 'stop' });
  }

  set volume(value) {
    this.gain.gain.setTargetAtTime(value, this.context.currentTime, 0.01);
  }

  async close() {
    await this.context.close();
  }
}
