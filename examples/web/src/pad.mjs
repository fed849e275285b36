// The pad: a square from -1 to 1 on both axes, y upwards, moved by pointer or keyboard.

const STEP = 0.02;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Pad {
  constructor(canvas, onMove) {
    this.canvas = canvas;
    this.onMove = onMove;
    this.x = this.y = 0;
    this.trail = [];
    this.examples = [];
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
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  follow(event) {
    const box = this.canvas.getBoundingClientRect();
    this.moveTo(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
  }

  moveTo(x, y) {
    this.trail = [...this.trail.slice(-23), [this.x, this.y]];
    this.x = Math.min(1, Math.max(-1, x));
    this.y = Math.min(1, Math.max(-1, y));
    this.draw();
    this.onMove(this.x, this.y);
  }

  draw() {
    const { canvas } = this;
    const scale = devicePixelRatio;
    const side = Math.round(canvas.clientWidth * scale);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const paint = canvas.getContext('2d');
    const place = (x, y) => [((x + 1) / 2) * side, ((1 - y) / 2) * side];
    paint.clearRect(0, 0, side, side);
    paint.strokeStyle = '#2b2f38';
    paint.lineWidth = scale;
    for (let i = 1; i < 8; i++) {
      const at = Math.round((i / 8) * side) + 0.5;
      paint.beginPath();
      paint.moveTo(at, 0);
      paint.lineTo(at, side);
      paint.moveTo(0, at);
      paint.lineTo(side, at);
      paint.stroke();
    }
    paint.font = `${11 * scale}px system-ui, sans-serif`;
    for (const { name, x, y } of this.examples) {
      const [left, top] = place(x, y);
      const width = paint.measureText(name).width;
      paint.fillStyle = '#9ba2ae';
      paint.beginPath();
      paint.arc(left, top, 3 * scale, 0, 7);
      paint.fill();
      paint.fillText(name, left + 7 * scale + width < side ? left + 7 * scale : left - 7 * scale - width, top + 4 * scale);
    }
    this.trail.forEach(([x, y], i) => {
      paint.fillStyle = `rgb(255 125 74 / ${(i / this.trail.length) * 0.35})`;
      paint.beginPath();
      paint.arc(...place(x, y), 5 * scale, 0, 7);
      paint.fill();
    });
    paint.fillStyle = '#ff7d4a';
    paint.strokeStyle = '#0d0e11';
    paint.lineWidth = 3 * scale;
    paint.beginPath();
    paint.arc(...place(this.x, this.y), 11 * scale, 0, 7);
    paint.fill();
    paint.stroke();
  }
}
