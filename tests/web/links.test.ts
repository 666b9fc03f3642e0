/** Channels over the browser's WebRTC, and devices of a page that sync over them, inside Chromium. */
import { runChannelTests } from '@baton/client/testing/channel'
import { runSyncTests } from '@baton/client/testing/sync'
import { describe, expect, it } from 'vitest'
import { kitPage, nowhere } from '../support/kit-page.ts'

const { inPage, complaints } = kitPage()

describe('page, channel: WebRTC of the browser', () =>
  runChannelTests({ test: inPage('channel'), connect: nowhere }))
describe('page, sync: stores, keys and channels of a page', () =>
  runSyncTests({ test: inPage('sync'), open: nowhere }))

it('WB9 nothing complains in the whole run', () => expect(complaints()).toEqual([]))
