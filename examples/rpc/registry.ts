// Servers that are known by a name: two bind their addresses to it, the client asks the registry and shares its calls out among
// them; when one goes, the other gets all:
//
//   npx tsx examples/rpc/registry.ts

import { connect, connectionOf, named, Registry, registerName, serve } from 'posthorn/rpc'

const names = new Registry()
await using registryServer = await serve(names)
await using registry = await connect<Registry>(registryServer.address)

const greeter = (who: string) => ({ greet: (): string => `hello from ${who}` })
await using ann = await serve(greeter('ann'))
await using ben = await serve(greeter('ben'))
const binding = await registerName(registry, 'greeter', ann.address)
await using _other = await registerName(registry, 'greeter', ben.address)

await using client = await connect<ReturnType<typeof greeter>>(named(registry, 'greeter'), {
  balance: 'round-robin',
})
for (let n = 0; n < 4; n++) console.log(await client.greet())

await binding.close()
while (connectionOf(client)?.servers.length !== 1) await new Promise(resolve => setTimeout(resolve, 5))
console.log('ann has left:', await client.greet())
