/** What keeps a page from connecting or keeping, and what helps. */
export const hindrance = {
  label: 'What is in the way',
  webrtc:
    'WebRTC is switched off in this browser, so this page can reach no other device. What it holds can be read. Switch it on in the settings of the browser, or of the extension that blocks it, then reload.',
  lnaDenied:
    'This browser was told to keep this page from devices of your network. Beside the address of the page, allow the local network, then reload.',
  lnaPrompt:
    'No path to a device was found so far. This browser may be keeping the page from your network until it is allowed: beside the address of the page, allow the local network, then reload.',
  clock: (off: string) =>
    `The clock of this machine is ${off} beside that of the service. Codes and invitations may seem to have ended, and messages stand in the wrong order: set the clock.`,
  full: 'The browser has no more room for this page: nothing new can be kept. What is kept is safe. Make room on the disk, or remove what other pages store.',
}
