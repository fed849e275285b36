// A model file and the worker that decodes it.

/** Calls back with what the worker says: `opened`, `decoded` and `failed`. */
export class Decoder {
  constructor({ opened = () => {}, decoded, failed }) {
    this.meta = null;
    this.at = null; // the pad position of what was decoded last
    this.worker = new Worker(new URL('decode_worker.mjs', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => {
      if (data.type === 'opened') {
        this.meta = data.meta;
        opened(data);
      } else if (data.type === 'decoded') {
        this.at = [data.x, data.y];
        decoded(data);
      } else failed(data.reason);
    };
    this.worker.onerror = (event) => failed(event.message ?? 'the decoder cannot be started');
  }

  /** Open the bytes of a model file, whose name messages tell; what was open plays on until it is. */
  open(bytes, name) {
    this.worker.postMessage({ type: 'open', bytes, name }, [bytes.buffer]);
  }

  /** Ask for the loop or image at a pad position; an older request that still waits is dropped. */
  moveTo(x, y, { macros = {}, lock = null } = {}) {
    if (this.meta) this.worker.postMessage({ type: 'decode', x, y, macros, lock });
  }
}
