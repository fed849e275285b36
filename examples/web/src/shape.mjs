// What shapes the loop beside the pad: macro sliders, and the lock that keeps one latent group.

const make = (tag, facts) => Object.assign(document.createElement(tag), facts);

export class Shape {
  /**
   * @param {HTMLElement} lockRow gets the buttons Free, Keep groove, …
   * @param {HTMLElement} sliders gets a slider for each macro
   * @param {() => Float32Array} latent where z stands; asked when a lock closes
   * @param {() => void} onChange
   */
  constructor(lockRow, sliders, latent, onChange) {
    Object.assign(this, { lockRow, sliders, latent, onChange });
    this.macros = {};
    this.lock = null;
  }

  /** Controls for another model. */
  show(meta) {
    this.macros = {};
    this.lock = null;
    this.sliders.replaceChildren(...meta.macros.map((macro) => this.slider(macro)));
    const groups = Object.keys(meta.latent_groups ?? {});
    this.lockRow.replaceChildren(...(groups.length ? [null, ...groups] : []).map((group) => this.button(group)));
  }

  slider({ name, min, max, default: standing }) {
    const value = make('output', { textContent: standing.toFixed(2) });
    const input = make('input', { type: 'range', min, max, step: (max - min) / 200, value: standing });
    input.addEventListener('input', () => {
      this.macros[name] = Number(input.value);
      value.textContent = this.macros[name].toFixed(2);
      this.onChange();
    });
    input.addEventListener('dblclick', () => {
      input.value = standing;
      input.dispatchEvent(new Event('input'));
    });
    const label = make('label', { className: 'macro' });
    label.append(make('span', { textContent: name }), value, input);
    return label;
  }

  button(group) {
    const button = make('button', { type: 'button', textContent: group ? `Keep ${group}` : 'Free' });
    button.setAttribute('aria-pressed', String(group === null));
    button.addEventListener('click', () => {
      this.lock = group ? { group, z: this.latent() } : null;
      for (const other of this.lockRow.children) other.setAttribute('aria-pressed', String(other === button));
      this.onChange();
    });
    return button;
  }
}
