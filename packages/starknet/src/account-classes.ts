import type { StarkSignature } from "./stark-signature.ts";

/**
 * An account contract with one owner, whose key is in its constructor calldata: how to find the key there, and how the
 * account takes the owner's signature.
 */
export interface AccountClass {
  readonly name: string;
  /** The owner's public key, or `undefined` when the calldata asks for anything else than one Stark key. */
  readonly publicKeyOf: (constructorCalldata: readonly bigint[]) => bigint | undefined;
  /** The owner's signature, or `undefined` when the account would not take the felts for one. */
  readonly signatureOf: (felts: readonly bigint[], publicKey: bigint) => StarkSignature | undefined;
}

/** The class with a hash, or `undefined` when it is not one we know. A class hash means the same on every network. */
export function findAccountClass(classHash: bigint): AccountClass | undefined {
  return accountClasses.get(classHash);
}

/**
 * OpenZeppelin: `constructor(public_key: felt252)`, signatures [r, s].
 * https://github.com/OpenZeppelin/cairo-contracts/blob/main/packages/presets/src/account.cairo
 */
const openZeppelin = { publicKeyOf: onlyKey, signatureOf: plainSignature };

/**
 * Argent 0.3: `constructor(owner: felt252, guardian: felt252)`, signatures [r, s] while there is no guardian.
 * https://github.com/argentlabs/argent-contracts-starknet/blob/91c403fc/contracts/account/src/argent_account.cairo
 */
const argentWithKeys = {
  publicKeyOf: ([owner, guardian, ...rest]: readonly bigint[]) =>
    guardian === 0n && rest.length === 0 ? owner : undefined,
  signatureOf: plainSignature,
};

/**
 * Argent (now Ready) from 0.4 on: `constructor(owner: Signer, guardian: Option<Signer>)`, where [0, key] is a signer
 * with a Stark key and [1] is None. Signatures are [r, s], or a list of one: [1, 0, key, r, s].
 * https://github.com/argentlabs/argent-contracts-starknet/blob/main/docs/argent_account.md#signature-format
 */
const argentWithSigners = {
  publicKeyOf: ([signerType, owner, guardian, ...rest]: readonly bigint[]) =>
    signerType === 0n && guardian === 1n && rest.length === 0 ? owner : undefined,
  signatureOf: (felts: readonly bigint[], publicKey: bigint) => {
    const [count, signerType, signer, ...signature] = felts;
    const isList = count === 1n && signerType === 0n && signer === publicKey;
    return plainSignature(isList && felts.length === 5 ? signature : felts);
  },
};

/**
 * Braavos: every account is deployed as the base account, `constructor(stark_pub_key)`, and replaces its class by an
 * implementation that the owner has signed. Signatures of the Stark key are [r, s], or [1, r, s] with its signer type.
 * https://github.com/myBraavos/braavos-account-cairo#signature-format
 */
const braavos = {
  publicKeyOf: onlyKey,
  signatureOf: (felts: readonly bigint[]) =>
    plainSignature(felts[0] === 1n && felts.length === 3 ? felts.slice(1) : felts),
};

/**
 * The classes we know. Cairo 0 accounts are left out: their proxies take any implementation, and new ones can no
 * longer be made.
 */
export const accountClasses: ReadonlyMap<bigint, AccountClass> = new Map([
  ...named(openZeppelin, {
    // The known account classes of starkli:
    // https://github.com/xJonathanLEI/starkli/blob/master/src/account.rs (KNOWN_ACCOUNT_CLASSES)
    "OpenZeppelin Account 0.7.0": 0x04c6d6cf894f8bc96bb9c525e6853e5483177841f7388f74a46cfda6f028c755n,
    "OpenZeppelin Account 0.8.0": 0x05400e90f7e0ae78bd02c77cd75527280470e2fe19c54970dd79dc37a9d3645cn,
    "OpenZeppelin Account 0.8.1": 0x061dac032f228abef9c6626f995015233097ae253a7f72d68552db02f2971b8fn,
    "OpenZeppelin Account 0.9.0": 0x01148c31dfa5c4708a4e9cf1eb0fd3d4d8ad9ccf09d0232cd6b56bee64a7de9dn,
    "OpenZeppelin Account 0.10.0": 0x004ca5c0b1af6115858708bd1fabd2e9bb306012b31a741acbf69b8a9f35d688n,
    "OpenZeppelin Account 0.11.0": 0x0450f568a8cb6ea1bcce446355e8a1c2e5852a6b8dc3536f495cdceb62e8a7e2n,
    // https://docs.openzeppelin.com/contracts-cairo/0.12.0/presets
    "OpenZeppelin AccountUpgradeable 0.12.0":
      0x01e60c8722677cfb7dd8dbea5be86c09265db02cdfe77113e77da7d44c017388n,
    // https://docs.openzeppelin.com/contracts-cairo/0.13.0/presets
    "OpenZeppelin AccountUpgradeable 0.13.0":
      0x00e2eb8f5672af4e6a4e8a8f1b44989685e668489b0a25437733756c5a34a1d6n,
    // https://docs.openzeppelin.com/contracts-cairo/0.15.0/presets
    "OpenZeppelin AccountUpgradeable 0.15.0":
      0x005b8b908d16497cd347642c1ab43015b5956e2085aa4c8bb21f0b073015a1c9n,
    // https://docs.openzeppelin.com/contracts-cairo/0.17.0/presets
    "OpenZeppelin AccountUpgradeable 0.17.0":
      0x06d4b80c0f3c3ea9e98252403a83f8a6bacf7f7362e9ac0a8824854dca31f8a8n,
    // https://docs.openzeppelin.com/contracts-cairo/0.18.0/presets
    "OpenZeppelin AccountUpgradeable 0.18.0":
      0x04a444ef8caf8fa0db05da60bf0ad9bae264c73fa7e32c61d245406f5523174bn,
    // https://docs.openzeppelin.com/contracts-cairo/1.0.0/presets
    "OpenZeppelin AccountUpgradeable 1.0.0":
      0x05b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564n,
    // https://docs.openzeppelin.com/contracts-cairo/2.x/presets
    "OpenZeppelin AccountUpgradeable 2.0.0":
      0x079a9a12fdfa0481e8d8d46599b90226cd7247b2667358bb00636dd864002314n,
    // https://docs.rs/crate/starkzap-rs/latest/source/src/account.rs
    "OpenZeppelin AccountUpgradeable 3.0.0":
      0x01d1777db36cdd06dd62cfde77b1b6ae06412af95d57a13dc40ac77b8a702381n,
    // https://docs.openzeppelin.com/contracts-cairo/4.x/presets
    "OpenZeppelin AccountUpgradeable 4.0.0":
      0x03013bf2edcf93ac575367eee41cd07bb50e809c78925817b61878db29826144n,
  }),
  ...named(argentWithKeys, {
    // https://github.com/xJonathanLEI/starkli/blob/master/src/account.rs (Argent X official account, as of 5.7.0)
    "Argent 0.3.0": 0x01a736d6ed154502257f02b1ccdf4d9d1089f80811cd6acad48e6b6a9d1f2003n,
    // https://github.com/argentlabs/argent-contracts-starknet/tree/main/deployments/artifacts (account-0.3.1-0x2992…)
    "Argent 0.3.1": 0x029927c8af6bccf3f6fda035981e765a7bdbf18a2dc0d630494f8758aa908e2bn,
  }),
  ...named(argentWithSigners, {
    // https://foundry-rs.github.io/starknet-foundry/appendix/sncast/account/create.html (argent / ready)
    "Argent 0.4.0": 0x036078334509b514626504edc9fb252328d1a240e4e948bef8d0c08dff45927fn,
    // https://github.com/argentlabs/argent-contracts-starknet/tree/main/deployments/artifacts (account-0.5.0-0x0734…)
    "Argent 0.5.0": 0x073414441639dcd11d1846f287650a00c60c416b9d3ba45d31c651672125b2c2n,
  }),
  ...named(braavos, {
    // https://github.com/myBraavos/braavos-account-cairo, README of 1.0.0 (Braavos Base Account)
    "Braavos Base Account 1.0.0": 0x013bfe114fb1cf405bfc3a7f8dbe2d91db146c17521d40dcf57e16d6b59fa8e6n,
    // https://github.com/myBraavos/braavos-account-cairo, README of 1.2.0 (Braavos Base Account)
    "Braavos Base Account 1.2.0": 0x03d16c7a9a60b0593bd202f660a28c5d76e0403601d9ccc7e4fa253b6a70c201n,
  }),
]);

function named(
  behaviour: Omit<AccountClass, "name">,
  classHashes: Readonly<Record<string, bigint>>,
): [bigint, AccountClass][] {
  return Object.entries(classHashes).map(([name, classHash]) => [classHash, { name, ...behaviour }]);
}

function onlyKey([publicKey, ...rest]: readonly bigint[]): bigint | undefined {
  return rest.length === 0 ? publicKey : undefined;
}

function plainSignature([r, s, ...rest]: readonly bigint[]): StarkSignature | undefined {
  return r !== undefined && s !== undefined && rest.length === 0 ? { r, s } : undefined;
}
