/** Keys and stores at rest: who gives a store its key, what guards the keys, what leaves in a file. */
const node = 'client/src/node'
const core = 'client/src/core/archive'
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
  {
    rule: 'AR5',
    file: `${node}/archive/chunks.ts`,
    from: '  new DataView(nonce.buffer).setBigUint64(3, BigInt(number))\n',
    to: '  new DataView(nonce.buffer).setBigUint64(3, BigInt(Math.min(number, 1)))\n',
    ...at('client/node/archive/chunks'),
  },
  {
    rule: 'AR5',
    file: `${node}/archive/chunks.ts`,
    from: 'nonce[11] = last ? 1 : 0',
    to: 'nonce[11] = 0',
    ...at('client/node/archive/chunks'),
  },
  {
    rule: 'AR5',
    file: `${node}/archive/chunks.ts`,
    from: 'if (plain && (plain.length > 0 || number === 0))',
    to: 'if (plain)',
    ...at('client/node/archive/chunks'),
  },
  {
    rule: 'AR6',
    file: `${node}/archive/header.ts`,
    from: "new Uint8Array(hash('sha256', head, 'buffer'))",
    to: "new Uint8Array(hash('sha256', head.subarray(0, 15), 'buffer'))",
    ...at('client/node/archive/header'),
  },
  {
    rule: 'AR3',
    file: `${core}/checking.ts`,
    from: '  if (!manifest || !reader?.done() || whole.size !== manifest.blobs.count) {\n',
    to: '  if (!manifest || whole.size !== manifest.blobs.count) {\n',
    ...at('client/core/archive/archives'),
  },
  {
    rule: 'AR3',
    file: `${core}/checking.ts`,
    from: 'if (!agrees(head(delta.log), delta))',
    to: 'if (delta.bodies.length === 0)',
    ...at('client/core/archive/archives'),
  },
  {
    rule: 'AR3',
    file: `${core}/archives.ts`,
    from: 'if (session === ports.devices.session())',
    to: 'if (session === undefined)',
    ...at('client/core/archive/archives'),
  },
  {
    rule: 'AR4',
    file: `${node}/archive/file.ts`,
    from: '    await link(temporary, path)\n',
    to: '    await rename(temporary, path)\n',
    ...at('client/node/archive/desk'),
  },
]
