/** UP13: requests asked about in the terminal where `up` runs. */
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { HandoffRow, MeshEvent } from '@baton/client/core/mesh-api'
import { askAboutRequests } from '@baton/client/node/cli/questions'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { BatonError } from '@baton/shared/errors'
import { expect, it, onTestFinished, vi } from 'vitest'

const row = (id: string, of: Partial<HandoffRow> = {}) =>
  ({
    ...{ id, session: 's', from: 'them', to: 'us', askedBy: 'them', kind: 'transfer' },
    ...{ title: id, state: 'pending', waitsForUs: true, ...of },
  }) as unknown as HandoffRow

function desk(options: { json?: boolean; before?: readonly HandoffRow[]; refuses?: boolean } = {}) {
  const modes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: (raw: boolean) => modes.push(raw),
  })
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const terminal = createTerminal({
    ...{ stdin, stdout: out, stderr: out, env: { NO_COLOR: '1' } },
    ...{ json: options.json ?? false, quiet: false },
  } as never)
  const answers: [string, boolean][] = []
  let tell: (event: MeshEvent) => void = () => undefined
  let time = 1_000
  const mesh = {
    watch: (run: (event: MeshEvent) => void) => {
      tell = run
      return () => {
        tell = () => undefined
      }
    },
    devices: async () => [{ id: 'them', name: 'laptop' }],
    handoffs: {
      list: async () => options.before ?? [],
      answer: async (id: string, accept: boolean) => {
        answers.push([id, accept])
        if (options.refuses) throw new BatonError('not-found', 'failed to answer: it is over')
      },
    },
  }
  const questions = askAboutRequests({ terminal, now: () => time }, mesh as never)
  let written = ''
  const settled = async () => {
    for (let i = 0; i < 5; i++) await turn()
    written += String(out.read() ?? '')
  }
  return {
    ...{ answers, modes, questions, terminal, stdin },
    async happens(of: HandoffRow) {
      tell({ kind: 'handoff', handoff: of })
      await settled()
    },
    async press(key: string, afterMs = 1_000) {
      time += afterMs
      stdin.write(key)
      await settled()
    },
    /** What was written since it was last asked. */
    async written() {
      await settled()
      const all = written
      written = ''
      return all
    },
  }
}

it('UP13 a request is asked about once, answered by a key, and then the next one', async () => {
  const at = desk({ before: [row('first')] })
  expect(await at.written()).toContain('laptop hands over first: accept? (y/n)')
  await at.happens(row('second'))
  await at.happens(row('first'))
  await at.press('x')
  expect(at.answers).toEqual([])
  await at.press('y')
  expect(await at.written()).toMatch(/first: accepted\n.*second: accept\?/s)
  await at.press('n')
  expect(at.answers).toEqual([
    ['first', true],
    ['second', false],
  ])
  expect(await at.written()).toContain('second: declined')
  expect(at.modes).toEqual([true, false])
})

it('UP13 a key that comes as the question appears answers nothing', async () => {
  const at = desk()
  await at.happens(row('one'))
  await at.press('y', 100)
  expect(at.answers).toEqual([])
  await at.press('y')
  expect(at.answers).toEqual([['one', true]])
  // The next one is as new.
  await at.happens(row('two'))
  await at.press('y', 100)
  expect(at.answers).toHaveLength(1)
})

it('UP13 what is answered elsewhere is asked no more, and the terminal is as before', async () => {
  const at = desk()
  await at.happens(row('one'))
  await at.happens(row('one', { waitsForUs: false }))
  await at.press('y')
  expect(at.answers).toEqual([])
  expect(at.modes).toEqual([true, false])
  await at.happens(row('two'))
  at.questions.close()
  await at.press('y')
  expect(at.answers).toEqual([])
  expect(at.modes.at(-1)).toBe(false)
})

it('UP13 an answer that comes too late is told, and Ctrl-C still is one', async () => {
  const at = desk({ refuses: true })
  await at.happens(row('one'))
  await at.press('y')
  expect(await at.written()).toContain('not answered: failed to answer: it is over')
  await at.happens(row('two'))
  const emit = vi.spyOn(process, 'emit').mockImplementation((() => true) as never)
  onTestFinished(() => emit.mockRestore())
  await at.press('\u0003')
  expect(emit).toHaveBeenCalledWith('SIGINT', 'SIGINT')
  expect(at.answers).toHaveLength(1)
})

it('UP13 where nobody can be asked nothing is', async () => {
  const at = desk({ json: true, before: [row('one')] })
  expect(await at.written()).toBe('')
  await at.press('y')
  expect(at.answers).toEqual([])
  expect(at.modes).toEqual([])
})
