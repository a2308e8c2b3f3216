/* What the cabinet wrote into the page when it made it, and how a file that is not taken is said. */
export const facts = JSON.parse(document.getElementById("facts").textContent);

export class Refused extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}
