/// Keeps roots of an Obsqra transparency log on Starknet, each with the time of the block that it came in: whoever owns the contract can
/// add to them, and nobody can change or remove one. It cannot be upgraded.
use starknet::ContractAddress;

/// A tree of the log: how many entries, its root (SHA-256, big-endian), and since when it is here, in seconds.
#[derive(Drop, Copy, Serde, starknet::Store)]
pub struct Anchor {
    pub size: u64,
    pub root: u256,
    pub timestamp: u64,
}

#[starknet::interface]
pub trait ILogAnchor<TContractState> {
    /// Adds a tree, which has to have more entries than the one before. For the owner only.
    fn anchor(ref self: TContractState, size: u64, root: u256);
    /// How many there are.
    fn count(self: @TContractState) -> u64;
    /// One of them, from 0 on, in the order in which they were added, and so of their sizes.
    fn anchor_at(self: @TContractState, index: u64) -> Anchor;
    fn owner(self: @TContractState) -> ContractAddress;
}

#[starknet::contract]
pub mod LogAnchor {
    use starknet::{ContractAddress, get_block_timestamp, get_caller_address};
    use starknet::storage::{
        Map, StorageMapReadAccess, StorageMapWriteAccess, StoragePointerReadAccess, StoragePointerWriteAccess
    };
    use super::{Anchor, ILogAnchor};

    #[storage]
    struct Storage {
        owner: ContractAddress,
        count: u64,
        anchors: Map<u64, Anchor>,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        Anchored: Anchored,
    }

    #[derive(Drop, starknet::Event)]
    struct Anchored {
        #[key]
        size: u64,
        root: u256,
        timestamp: u64,
    }

    #[constructor]
    fn constructor(ref self: ContractState, owner: ContractAddress) {
        self.owner.write(owner);
    }

    #[abi(embed_v0)]
    impl LogAnchorImpl of ILogAnchor<ContractState> {
        fn anchor(ref self: ContractState, size: u64, root: u256) {
            assert(get_caller_address() == self.owner.read(), 'not the owner');
            let count = self.count.read();
            // Nothing is before the first: a tree has an entry at least.
            let before = if count == 0 {
                0
            } else {
                self.anchors.read(count - 1).size
            };
            assert(size > before, 'not a larger tree');
            let timestamp = get_block_timestamp();
            self.anchors.write(count, Anchor { size, root, timestamp });
            self.count.write(count + 1);
            self.emit(Anchored { size, root, timestamp });
        }

        fn count(self: @ContractState) -> u64 {
            self.count.read()
        }

        fn anchor_at(self: @ContractState, index: u64) -> Anchor {
            assert(index < self.count.read(), 'no such anchor');
            self.anchors.read(index)
        }

        fn owner(self: @ContractState) -> ContractAddress {
            self.owner.read()
        }
    }
}
