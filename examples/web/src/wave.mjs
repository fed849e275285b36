// The loop that sounds, with its beats and the playhead.

export class Wave {
  constructor(canvas) {
    this.canvas = canvas;
    this.peaks = [];
    this.beats = 4;
  }

  show(channels, beats) {
    const columns = 320;
    const length = channels[0].length;
    this.beats = beats;
    this.peaks = Array.from({ length: columns }, (_, i) => {
      let [low, high] = [0, 0];
      for (let f = Math.floor((i * length) / columns); f < Math.floor(((i + 1) * length) / columns); f++) {
        for (const channel of channels) [low, high] = [Math.min(low, channel[f]), Math.max(high, channel[f])];
      }
      return [low, high];
    });
  }

  /** @param {number} position of the playhead, 0 to 1 */
  draw(position) {
    const { canvas, peaks } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const pixels = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    const paint = canvas.getContext('2d');
    paint.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint.clearRect(0, 0, width, height);
    paint.font = '11px system-ui, sans-serif';
    for (let beat = 0; beat < this.beats; beat++) {
      const at = Math.round((beat / this.beats) * width);
      paint.fillStyle = '#343944';
      paint.fillRect(at, 0, 1, height);
      paint.fillStyle = '#9ba2ae';
      if (this.beats <= 16) paint.fillText(beat + 1, at + 5, 11);
    }
    const peak = peaks.reduce((most, [low, high]) => Math.max(most, -low, high), 0);
    const middle = height / 2 + 8;
    const reach = (height / 2 - 10) * Math.min(2, 1 / Math.max(peak, 0.01)); // quiet loops are drawn up to twice as large
    const column = width / Math.max(1, peaks.length);
    peaks.forEach(([low, high], i) => {
      paint.fillStyle = i / peaks.length < position ? '#eceef2' : '#8d95a5';
      paint.fillRect(i * column, middle - reach * high, Math.max(1, column - 0.5), Math.max(1, reach * (high - low)));
    });
    const at = Math.min(width - 2, Math.round(position * width));
    paint.fillStyle = '#ff7d4a';
    paint.fillRect(at, 0, 2, height);
    paint.beginPath();
    paint.moveTo(at - 4, 0);
    paint.lineTo(at + 6, 0);
    paint.lineTo(at + 1, 6);
    paint.fill();
  }
}
