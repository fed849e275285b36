// Plays one seamless loop, and cross-fades to the newest at the same frame of the loop, so that time never jumps.

const FADE_SECONDS = 0.02;
const REPORT_SECONDS = 1 / 60;

class LoopProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.fadeFrames = Math.round(FADE_SECONDS * sampleRate);
    this.frame = 0; // within the loop
    this.current = null;
    this.next = null; // fading in
    this.waiting = null; // the newest that came meanwhile
    this.faded = 0;
    this.level = 0; // 0 stopped, 1 playing, between them a ramp
    this.playing = false;
    this.sinceReport = 0;
    this.port.onmessage = ({ data }) => {
      if (data.type === 'loop') this.waiting = data;
      else if (data.type === 'play') {
        if (!this.playing && this.level === 0) this.frame = 0;
        this.playing = true;
      } else if (data.type === 'stop') this.playing = false;
    };
  }

  takeNewest() {
    if (!this.waiting || this.next) return;
    if (this.current && this.waiting.channels[0].length === this.current.channels[0].length) {
      this.next = this.waiting;
      this.faded = 0;
    } else {
      this.current = this.waiting; // nothing sounds yet, or a loop of another length: begin it
      this.frame = 0;
      this.report();
    }
    this.waiting = null;
  }

  process(inputs, [output]) {
    this.takeNewest();
    if (!this.current) return true;
    const frames = output[0].length;
    const length = this.current.channels[0].length;
    const step = (this.playing ? 1 : -1) / this.fadeFrames;
    for (let i = 0; i < frames; i++) {
      this.level = Math.min(1, Math.max(0, this.level + step));
      // Equal power: the two loops are as good as uncorrelated where they differ.
      const angle = this.next ? ((this.faded + 1) / this.fadeFrames) * (Math.PI / 2) : 0;
      const old = Math.cos(angle);
      const fresh = Math.sin(angle);
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
