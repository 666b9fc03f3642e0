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
  {
    rule: 'GU2',
    file: `${node}/guard/change.ts`,
    from: '  const known = old && (await openGuard(old, access))\n  const choice = await choose()\n',
    to: '  const choice = await choose()\n  const known = old && (await openGuard(old, access))\n',
    ...at('client/node/guard/guard'),
  },
  {
    rule: 'GU3',
    file: `${node}/guard/change.ts`,
    from: 'if (!kept || !equalBytes(kept, key))',
    to: 'if (kept && !equalBytes(kept, key))',
    ...at('client/node/guard/guard'),
  },
  {
    rule: 'GU3',
    file: `${node}/guard/guard.ts`,
    from: 'key?.length === sealingKeyBytes && proves(key, proof)',
    to: 'key?.length === sealingKeyBytes && proof',
    ...at('client/node/guard/guard'),
  },
  {
    rule: 'GU4',
    file: `${node}/keyring.ts`,
    from: "    if (key && alone) rewriteKeys(folder, key, 'sealed')\n",
    to: '',
    ...at('client/node/guard/guard'),
  },
  {
    rule: 'GU5',
    file: `${node}/guard/passphrase.ts`,
    from: 'z.maximum(maxPassphraseLogN)',
    to: 'z.maximum(30)',
    ...at('client/node/guard/passphrase'),
  },
]
