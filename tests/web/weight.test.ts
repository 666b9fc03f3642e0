/** What the page weighs, as a server would send it, and what must not be in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundlePage } from '../support/chromium.ts'

const maxLibraries = 90_000
/** What the page alone has: adapters, screens, styles, and what they say. */
const maxPage = 38_000
/** What is loaded when a camera is opened, or another language is wanted. */
const later = ['qr.js', 'de.js']
const maxLater = 25_000
/** The mesh, as every peer runs it: protocols, logs, pairing, links, handing over. */
const maxMesh = 140_000

it('WB16 no Node builtin, no code made of a text, no other origin, and a weight within its bounds', () => {
  const folder = bundlePage()
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const weight = (name: string) => brotliCompressSync(readFileSync(join(folder, name))).length
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const own = scripts.filter((name) => name !== 'libraries.js')
  for (const name of scripts)
    expect(text(name)).not.toMatch(/["'`]node:|require\(["'`](?:fs|crypto|ws)\b/)
  for (const name of own) expect(text(name)).not.toMatch(/\beval\(|new Function|innerHTML/)
  const html = text('index.html')
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=|https?:/)
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + weight(name), 0)
  const styles = readdirSync(folder).filter((name) => name.endsWith('.css'))
  const page = own.filter((name) => name !== 'mesh.js' && !later.includes(name))
  for (const name of later) expect(html, name).not.toContain(name)
  const weights = {
    libraries: weight('libraries.js'),
    mesh: weight('mesh.js'),
    page: sum([...page, ...styles]),
    later: sum(later),
  }
  process.stdout.write(`page, brotli: ${JSON.stringify(weights)}\n`)
  expect(weights.libraries).toBeLessThan(maxLibraries)
  expect(weights.mesh).toBeLessThan(maxMesh)
  expect(weights.page).toBeLessThan(maxPage)
  expect(weights.later).toBeLessThan(maxLater)
})
