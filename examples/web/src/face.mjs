// The face of a pad position.

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array[]} channels red, green and blue, 0 to 1
 * @param {{height: number, width: number}} size
 */
export function paintFace(canvas, channels, { height, width }) {
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = 255 * channels[c][i];
    pixels.data[4 * i + 3] = 255;
  }
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext('2d').putImageData(pixels, 0, 0);
}
