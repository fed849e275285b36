// 32-bit float WAV, so that nothing is lost on the way.

/**
 * @param {Float32Array[]} channels of equal length
 * @param {number} sampleRate in Hz
 * @returns {Buffer} the file
 */
export function wav(channels, sampleRate) {
  const frames = channels[0].length;
  const count = channels.length;
  const size = frames * count * 4;
  const out = Buffer.alloc(44 + size);
  out.write('RIFF', 0);
  out.writeUInt32LE(36 + size, 4);
  out.write('WAVEfmt ', 8);
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(3, 20); // IEEE float
  out.writeUInt16LE(count, 22);
  out.writeUInt32LE(sampleRate, 24);
  out.writeUInt32LE(sampleRate * count * 4, 28);
  out.writeUInt16LE(count * 4, 32);
  out.writeUInt16LE(32, 34);
  out.write('data', 36);
  out.writeUInt32LE(size, 40);
  for (let frame = 0, at = 44; frame < frames; frame++) {
    for (let channel = 0; channel < count; channel++, at += 4) out.writeFloatLE(channels[channel][frame], at);
  }
  return out;
}
