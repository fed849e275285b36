// Plays one seamless loop, and cross-fades to the newest at the same frame of the loop, so that time never jumps.

const FADE_SECONDS = 0.02;
const REPORT_SECONDS = 1 / 60;

class LoopProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    const frames = (this.fadeFrames = Math.round(FADE_SECONDS * sampleRate));
    const angle = (i) => (Math.PI / 2) * (0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / frames));
    this.falling = Float64Array.from({ length: frames }, (_, i) => Math.cos(angle(i)));
    this.rising = Float64Array.from({ length: frames }, (_, i) => Math.sin(angle(i)));
    this.frame = 0; // within the loop
    this.current = null;
    this.next = null; // fading in
    this.alike = 0; // correlation of the two
    this.waiting = null; // the newest that came meanwhile
    this.faded = 0;
    this.level = 0; // 0 stopped, 1 playing, between them a ramp
    this.playing = false;
    this.rewind = false;
    this.sinceReport = 0;
    this.port.onmessage = ({ data }) => {
      if (data.type === 'loop') this.waiting = data;
      else {
        if (data.type === 'play' && this.level === 0) this.rewind = true;
        this.playing = data.type === 'play';
      }
    };
  }

  takeNewest() {
    if (!this.waiting || this.next) return;
    if (this.current && this.waiting.channels[0].length === this.current.channels[0].length) {
      this.next = this.waiting;
      this.faded = 0;
      this.alike = this.correlation();
    } else {
      this.current = this.waiting; // nothing sounds yet, or a loop of another length: begin it
      this.frame = 0;
      this.report();
    }
    this.waiting = null;
  }

  /** Of the old and the new loop over the fade, 0 to 1. */
  correlation() {
    const length = this.current.channels[0].length;
    let [product, before, after] = [0, 0, 0];
    for (let c = 0; c < Math.min(this.current.channels.length, this.next.channels.length); c++) {
      for (let i = 0; i < this.fadeFrames; i++) {
        const at = (this.frame + i) % length;
        const [a, b] = [this.current.channels[c][at], this.next.channels[c][at]];
        product += a * b;
        before += a * a;
        after += b * b;
      }
    }
    return before * after > 1e-20 ? Math.min(1, Math.max(0, product / Math.sqrt(before * after))) : 0;
  }

  process(inputs, [output]) {
    this.takeNewest();
    if (!this.current) return true;
    const frames = output[0].length;
    const length = this.current.channels[0].length;
    if (this.rewind) this.frame = Math.max(0, length - this.fadeFrames); // fade in ahead of the downbeat, which stands
    this.rewind = false;
    const step = (this.playing ? 1 : -1) / this.fadeFrames;
    for (let i = 0; i < frames; i++) {
      this.level = Math.min(1, Math.max(0, this.level + step));
      let [old, fresh] = [1, 0];
      if (this.next) {
        // Constant power whatever the loops have in common: two alike ones must not swell where they overlap
        // (Fink, Holters and Zölzer, DAFx 2016).
        [old, fresh] = [this.falling[this.faded], this.rising[this.faded]];
        const norm = Math.sqrt(1 + 2 * this.alike * old * fresh);
        old /= norm;
        fresh /= norm;
      }
      for (let c = 0; c < output.length; c++) {
        const from = this.current.channels[Math.min(c, this.current.channels.length - 1)][this.frame];
        const to = this.next ? this.next.channels[Math.min(c, this.next.channels.length - 1)][this.frame] : 0;
        output[c][i] = this.level * (old * from + fresh * to);
      }
      if (this.next && ++this.faded >= this.fadeFrames) {
        this.current = this.next;
        this.next = null;
        this.report();
      }
      if (this.level > 0) this.frame = (this.frame + 1) % length;
    }
    this.sinceReport += frames;
    if (this.sinceReport >= REPORT_SECONDS * sampleRate) this.report();
    return true;
  }

  report() {
    this.sinceReport = 0;
    this.port.postMessage({ frame: this.frame, serial: this.current.serial, playing: this.playing });
  }
}

registerProcessor('loop', LoopProcessor);
