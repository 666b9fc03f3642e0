/** Keys and stores at rest: who gives a store its key, what guards the keys, what leaves in a file. */
const node = 'client/src/node'
const at = (...tests) => ({ tests: tests.map((name) => `tests/${name}.test.ts`), project: 'unit' })

export const mutants = [
  {
    rule: 'ST21',
    file: `${node}/sealing.ts`,
    from: "  if (exists) throw keyless('its key is not among the keys')\n",
    to: '',
    ...at('client/node/sealing'),
  },
  {
    rule: 'ST21',
    file: `${node}/sealing.ts`,
    from: "  if (known !== undefined) throw keyless('its key has the wrong length')\n",
    to: '',
    ...at('client/node/sealing'),
  },
]
