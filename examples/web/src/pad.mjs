// The pad: a square from -1 to 1 on both axes, y upwards, moved by pointer or keyboard.

import { backdrop } from './backdrop.mjs';

const STEP = 0.02;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const TRAIL = 40;
const FONT = '500 11px system-ui, sans-serif';

export class Pad {
  constructor(canvas, onMove) {
    this.canvas = canvas;
    this.onMove = onMove;
    this.x = this.y = 0;
    this.trail = [];
    this.examples = [];
    this.picture = null;
    this.still = document.createElement('canvas');
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.follow(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.follow(event);
    });
    canvas.addEventListener('keydown', (event) => {
      const direction = KEYS[event.key];
      if (!direction) return;
      event.preventDefault();
      const step = event.shiftKey ? 5 * STEP : STEP;
      this.moveTo(this.x + step * direction[0], this.y + step * direction[1]);
    });
    new ResizeObserver(() => this.repaint()).observe(canvas);
  }

  /** Show another model: its map as the picture, its examples on it. */
  show(map, examples) {
    this.picture = backdrop(map);
    this.examples = examples;
    this.repaint();
  }

  follow(event) {
    const box = this.canvas.getBoundingClientRect();
    this.moveTo(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
  }

  moveTo(x, y) {
    this.trail = [...this.trail.slice(1 - TRAIL), [this.x, this.y]];
    this.x = Math.min(1, Math.max(-1, x));
    this.y = Math.min(1, Math.max(-1, y));
    this.draw();
    this.onMove(this.x, this.y);
  }

  /** Paint what lies still, then the rest. */
  repaint() {
    const { canvas, still } = this;
    this.side = canvas.clientWidth;
    canvas.width = canvas.height = still.width = still.height = Math.max(1, Math.round(this.side * devicePixelRatio));
    const paint = still.getContext('2d');
    paint.scale(devicePixelRatio, devicePixelRatio);
    if (this.picture) {
      paint.imageSmoothingQuality = 'high';
      // Half a node more on each side, so that the outermost nodes lie on the edges.
      const over = this.side / (this.picture.width - 1) / 2;
      paint.drawImage(this.picture, -over, -over, this.side + 2 * over, this.side + 2 * over);
    }
    this.paintGrid(paint);
    this.paintExamples(paint);
    this.draw();
  }

  place(x, y) {
    return [((x + 1) / 2) * this.side, ((1 - y) / 2) * this.side];
  }

  paintGrid(paint) {
    paint.strokeStyle = 'rgb(255 255 255 / 0.07)';
    paint.beginPath();
    for (let i = 1; i < 8; i++) {
      const at = Math.round((i / 8) * this.side) + 0.5;
      paint.moveTo(at, 0);
      paint.lineTo(at, this.side);
      paint.moveTo(0, at);
      paint.lineTo(this.side, at);
    }
    paint.stroke();
  }

  /** A dot for each example, and its name where it has room; the best come first. */
  paintExamples(paint) {
    paint.font = FONT;
    paint.textBaseline = 'middle';
    const taken = this.examples.map(({ x, y }) => this.place(x, y)).map(([left, top]) => [left - 6, top - 6, left + 6, top + 6]);
    const free = (box, own) =>
      box[0] > 4 && box[1] > 4 && box[2] < this.side - 4 && box[3] < this.side - 4 &&
      taken.every((t, i) => i === own || box[2] < t[0] || box[0] > t[2] || box[3] < t[1] || box[1] > t[3]);
    this.examples.forEach(({ name, x, y }, i) => {
      const [left, top] = this.place(x, y);
      paint.fillStyle = 'rgb(255 255 255 / 0.95)';
      paint.beginPath();
      paint.arc(left, top, 3, 0, 7);
      paint.fill();
      const text = name.length > 18 ? `${name.slice(0, 17)}…` : name;
      const width = paint.measureText(text).width + 12;
      const spots = [[left + 8, top - 9], [left - 8 - width, top - 9], [left - width / 2, top - 27], [left - width / 2, top + 9]];
      const [at, up] = spots.find(([l, t]) => free([l, t, l + width, t + 18], i)) ?? [];
      if (at === undefined) return;
      taken.push([at, up, at + width, up + 18]);
      paint.fillStyle = 'rgb(7 8 10 / 0.62)';
      paint.beginPath();
      paint.roundRect(at, up, width, 18, 4);
      paint.fill();
      paint.fillStyle = 'rgb(255 255 255 / 0.95)';
      paint.fillText(text, at + 6, up + 9.5);
    });
  }

  draw() {
    const paint = this.canvas.getContext('2d');
    paint.setTransform(1, 0, 0, 1, 0, 0);
    paint.clearRect(0, 0, this.canvas.width, this.canvas.height);
    paint.drawImage(this.still, 0, 0);
    paint.scale(devicePixelRatio, devicePixelRatio);
    const path = [...this.trail, [this.x, this.y]];
    for (let i = 1; i < path.length; i++) {
      paint.strokeStyle = `rgb(255 255 255 / ${(0.7 * i) / path.length})`;
      paint.lineWidth = 1 + (4 * i) / path.length;
      paint.beginPath();
      paint.moveTo(...this.place(...path[i - 1]));
      paint.lineTo(...this.place(...path[i]));
      paint.stroke();
    }
    const [left, top] = this.place(this.x, this.y);
    const glow = paint.createRadialGradient(left, top, 0, left, top, 34);
    glow.addColorStop(0, 'rgb(255 125 74 / 0.55)');
    glow.addColorStop(1, 'rgb(255 125 74 / 0)');
    paint.fillStyle = glow;
    paint.fillRect(left - 34, top - 34, 68, 68);
    paint.beginPath();
    paint.arc(left, top, 9, 0, 7);
    paint.fillStyle = '#ff7d4a';
    paint.fill();
    paint.strokeStyle = '#fff';
    paint.lineWidth = 3;
    paint.stroke();
  }
}
