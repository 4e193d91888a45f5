// Every bound of this room: what a peer or an administrator may send, and what is kept in memory. Kafka's own bounds
// are taken over where it has them; the others are said to be ours.

/** Fewest PBKDF2 rounds of a SCRAM credential: RFC 7677 section 4 and Kafka's minimum. */
export const SCRAM_ITERATIONS_MIN = 4096

/** Rounds of a credential made here when nothing else is asked for: Kafka's default. */
export const SCRAM_ITERATIONS_DEFAULT = 4096

/** Most rounds of a stored credential: Kafka's maximum for AlterUserScramCredentials. */
export const SCRAM_ITERATIONS_MAX = 16_384

/** Most rounds that our client does for a server: a hostile server could ask for days of work. Ours. */
export const SCRAM_CLIENT_ITERATIONS_MAX = 262_144

/** Bytes of a salt made here, and of the salt shown for users that do not exist. Ours. */
export const SCRAM_SALT_BYTES = 16

/** Longest salt that an administrator may hand in, in bytes. Ours. */
export const SCRAM_SALT_BYTES_MAX = 1024

/** Longest nonce that a SCRAM client may choose, in characters. Ours; clients use 20 to 40. */
export const SCRAM_NONCE_LENGTH_MAX = 1024

/** Random bytes in the server's and our client's half of the nonce. Ours. */
export const SCRAM_NONCE_BYTES = 24

/** Longest message of a SASL peer in bytes: room for a token carried as a PLAIN password. Ours. */
export const SASL_MESSAGE_BYTES_MAX = 16_384

/** Most keys of a JWK set. Ours; authorization servers have two to four. */
export const JWKS_KEYS_MAX = 100

/** Fewest bits of an RSA key that tokens are signed with: RFC 7518 section 3.3. */
export const JWK_RSA_BITS_MIN = 2048

/** Scopes of one token that are looked at, aliases resolved. Ours. */
export const SCOPES_MAX = 1000

/** Longest user name in UTF-8 bytes; RFC 4616 asks for 255, distinguished names are longer. Ours. */
export const USER_NAME_BYTES_MAX = 1024

/** Most (user, mechanism) credentials in memory. Ours. */
export const CREDENTIALS_MAX = 200_000

/** Password derivations at work at once: they share Node's four pool threads with the disk. Ours. */
export const DERIVATIONS_RUNNING_MAX = 2

/** Password derivations waiting for their turn; one more is refused as busy. Ours. */
export const DERIVATIONS_WAITING_MAX = 1000

/** Most access control entries of one authorizer. Ours. */
export const ACLS_MAX = 100_000

/** Longest resource name, principal or host of an entry, in characters: the longest Kafka string. */
export const ACL_TEXT_LENGTH_MAX = 32_767
