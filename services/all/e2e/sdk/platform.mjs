// What the tests are given: a running platform, tokens of it, and a model
// behind each of the two wire formats, both at the fake far end.
import dns from 'node:dns'

const { lookup } = dns
// Not every system resolves names below localhost, as browsers do.
dns.lookup = (host, ...rest) => lookup(host.endsWith('.localhost') ? '127.0.0.1' : host, ...rest)

function given(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; the Go test starts these`)
  return value
}

export const base = given('ATRIUM_URL')
/** Tokens: with the scope ai, with another one only, and of a plan that is used up. */
export const token = given('ATRIUM_TOKEN')
export const chatToken = given('ATRIUM_CHAT_TOKEN')
export const poorToken = given('ATRIUM_POOR_TOKEN')
export const models = given('ATRIUM_MODELS').split(',')

/** A picture: any bytes do for the far end, which tells how many came. */
export const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]).toString('base64')
