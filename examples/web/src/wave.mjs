// The loop that sounds, with its beats and the playhead.

export class Wave {
  constructor(canvas) {
    this.canvas = canvas;
    this.peaks = [];
    this.beats = 4;
  }

  show(channels, beats) {
    const columns = 480;
    const length = channels[0].length;
    this.beats = beats;
    this.peaks = Array.from({ length: columns }, (_, i) => {
      let peak = 0;
      for (let f = Math.floor((i * length) / columns); f < Math.floor(((i + 1) * length) / columns); f++) {
        for (const channel of channels) peak = Math.max(peak, Math.abs(channel[f]));
      }
      return peak;
    });
  }

  draw(position) {
    const { canvas, peaks } = this;
    const scale = devicePixelRatio;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const paint = canvas.getContext('2d');
    paint.clearRect(0, 0, width, height);
    paint.fillStyle = '#2b2f38';
    for (let beat = 1; beat < this.beats; beat++) paint.fillRect(Math.round((beat / this.beats) * width), 0, scale, height);
    const column = width / Math.max(1, peaks.length);
    peaks.forEach((peak, i) => {
      paint.fillStyle = i / peaks.length < position ? '#d5d9e2' : '#8d95a5';
      paint.fillRect(i * column, (height / 2) * (1 - 0.92 * peak), Math.max(1, column - scale / 2), Math.max(scale, 0.92 * peak * height));
    });
    paint.fillStyle = '#ff7d4a';
    paint.fillRect(Math.round(position * width), 0, 2 * scale, height);
  }
}
