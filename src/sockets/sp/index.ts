// posthorn/nanomsg: the scalability protocols of nanomsg and nng, on the wire with both.
//
//   await using answers = new Rep()
//   const { address } = await answers.listen('tcp://127.0.0.1:0')
//   await using questions = new Req()
//   await questions.dial(address)
//   void answers.receive().then(question => answers.send(`${question}!`))
//   console.log(String(await questions.request('hello')))

export { Context, type Payload, type Received, type SendOptions, type WaitOptions } from './context.ts'
export type { PipeEvent } from './core.ts'
export { device } from './device.ts'
export type { Dialer, DialOptions } from './dialer.ts'
export { SpError, type SpErrorCode, spErrors } from './errors.ts'
export { spLimits } from './limits.ts'
export type { Message } from './message.ts'
export type { Pair1Options, ReqOptions, SpOptions, SubOptions, SurveyorOptions } from './options.ts'
export type { PipeInfo } from './pipe.ts'
export { type ProtocolName, protocols } from './protocols.ts'
export { type Listener, type ListenOptions, SpSocket } from './socket.ts'
export {
  Bus,
  Pair0,
  Pair1,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Respondent,
  Sub,
  SubContext,
  Surveyor,
} from './sockets.ts'
