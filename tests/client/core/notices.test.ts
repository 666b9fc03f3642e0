import { diskNotice, forkNotice } from '@baton/client/core/notices'
import { expect, it } from 'vitest'

it('FK9 a person is told in plain words, whichever device it was', () => {
  expect([forkNotice(true), forkNotice(false, 'bob'), forkNotice(false)]).toEqual(
    ['this device', 'bob', 'a device'].map((who) => ({
      kind: 'notice',
      message: `${who} ran twice from one copy; nothing is lost`,
    })),
  )
})

it('XC9 a full disk and its end are told in plain words', () => {
  expect(diskNotice('store-full')).toMatchObject({
    message: expect.stringContaining('nothing more'),
  })
  expect(diskNotice(undefined)).toMatchObject({ message: expect.stringContaining('room again') })
})
