/** ST19 to ST21: what stands on disk, and what opens it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom } from '@baton/client/node/platform'
import { createSealing, openSealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'
import { flipped } from '../../support/raw-sync.ts'
import { tempFolder } from '../../support/temp.ts'
import { tries } from '../../support/tries.ts'

const key = new Uint8Array(32).fill(7)
const name = new TextEncoder().encode('row')
const bytes = (text: string) => new TextEncoder().encode(text)
const code = (run: () => unknown) => {
  try {
    run()
    return 'read'
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

it('ST19 a value reads back under its name and key, twice sealed differently', () => {
  const sealing = createSealing(key)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (value) => {
      const sealed = sealing.seal(name, value)
      expect(sealing.open(name, sealed)).toEqual(value)
      expect(sealed.length).toBe(value.length + 28)
      expect(sealing.seal(name, value)).not.toEqual(sealed)
    }),
    { numRuns: tries(100) },
  )
})

it('ST19 one that was changed, cut, moved or sealed by another key is store-corrupt', () => {
  const sealing = createSealing(key)
  const sealed = sealing.seal(name, bytes('what was said'))
  for (let at = 0; at < sealed.length * 8; at++) {
    expect(code(() => sealing.open(name, flipped(sealed, at)))).toBe('store-corrupt')
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(code(() => sealing.open(name, sealed.subarray(0, length)))).toBe('store-corrupt')
  }
  expect(code(() => sealing.open(bytes('other'), sealed))).toBe('store-corrupt')
  const other = createSealing(new Uint8Array(32).fill(8))
  expect(code(() => other.open(name, sealed))).toBe('store-corrupt')
})

it('ST19 nothing of a value can be found in the files of the store', async () => {
  const folder = tempFolder('sealed')
  const store = await openNodeStore(folder, async () => createSealing(key))
  for (let i = 0; i < 50; i++) {
    await store.write([{ put: bytes(`n${i}`), value: bytes(`secret words ${i} `.repeat(500)) }])
  }
  await store.close()
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file)).includes('secret words')).toBe(false)
  }
  expect(readFileSync(join(folder, 'store.mdb')).includes('n49')).toBe(true)
})

it('ST20 another key, or none, opens nothing, and leaves it as it was', async () => {
  const folder = tempFolder('sealed')
  const right = createSealing(key)
  const store = await openNodeStore(folder, async () => right)
  await store.write([{ put: name, value: bytes('kept') }])
  await store.close()
  const wrong = createSealing(new Uint8Array(32))
  for (const sealing of [wrong, undefined]) {
    const opened = openNodeStore(folder, sealing && (async () => sealing))
    await expect(opened).rejects.toMatchObject({ code: 'store-corrupt' })
  }
  const again = await openNodeStore(folder, async () => right)
  expect(await again.get(name)).toEqual(bytes('kept'))
  await again.close()
  const plain = tempFolder('plain')
  await (await openNodeStore(plain)).close()
  await expect(openNodeStore(plain, async () => right)).rejects.toMatchObject({
    code: 'store-corrupt',
  })
  await (await openNodeStore(plain)).close()
})

it('ST20 the key is made once and kept in the keyring', async () => {
  const keyring = createMemoryKeyring(1)
  const [first, second] = [
    await openSealing(keyring, createRandom(), false),
    await openSealing(keyring, createRandom(), true),
  ]
  expect(second.open(name, first.seal(name, bytes('kept')))).toEqual(bytes('kept'))
})

it('ST21 a store that is there is never given a new key', async () => {
  const folder = tempFolder('sealed')
  const keyring = createMemoryKeyring(1)
  const open = () => openNodeStore(folder, (there) => openSealing(keyring, createRandom(), there))
  await (await open()).close()
  const key = (await keyring.getSecret('store')) as Uint8Array
  await keyring.deleteSecret('store')
  await expect(open()).rejects.toMatchObject({ code: 'keyring-unreadable' })
  expect(await keyring.getSecret('store')).toBeUndefined()
  // Nor is a key that was cut replaced, whether there is a store or not.
  await keyring.putSecret('store', key.subarray(0, 31))
  await expect(open()).rejects.toMatchObject({ code: 'keyring-unreadable' })
  await expect(openSealing(keyring, createRandom(), false)).rejects.toMatchObject({
    code: 'keyring-unreadable',
  })
  await keyring.putSecret('store', key)
  await (await open()).close()
})

it('ST21 two that open a new store at once do not give it two keys', async () => {
  const folder = tempFolder('sealed')
  const keyring = createMemoryKeyring(1)
  const open = () => openNodeStore(folder, (there) => openSealing(keyring, createRandom(), there))
  const opened = await Promise.allSettled([open(), open()])
  for (const each of opened) if (each.status === 'fulfilled') await each.value.close()
  await (await open()).close()
})
