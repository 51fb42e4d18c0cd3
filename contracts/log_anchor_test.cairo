#[cfg(test)]
mod tests {
    use starknet::contract_address_const;
    use starknet::testing::{set_block_timestamp, set_caller_address};
    use super::{Anchor, ILogAnchor, LogAnchor};

    fn owned() -> LogAnchor::ContractState {
        let mut state = LogAnchor::contract_state_for_testing();
        LogAnchor::constructor(ref state, contract_address_const::<7>());
        set_caller_address(contract_address_const::<7>());
        state
    }

    #[test]
    fn keeps_trees_in_their_order() {
        let mut state = owned();
        set_block_timestamp(1000);
        state.anchor(5, 0x123_u256);
        set_block_timestamp(2000);
        state.anchor(6, 0x456_u256);
        assert(state.count() == 2, 'count');
        assert(state.anchor_at(0).size == 5, 'size');
        assert(state.anchor_at(0).timestamp == 1000, 'time');
        assert(state.anchor_at(1).root == 0x456_u256, 'root');
        assert(state.owner() == contract_address_const::<7>(), 'owner');
    }

    #[test]
    #[should_panic(expected: ('not a larger tree',))]
    fn refuses_a_tree_of_the_same_size() {
        let mut state = owned();
        state.anchor(5, 1_u256);
        state.anchor(5, 2_u256);
    }

    #[test]
    #[should_panic(expected: ('not a larger tree',))]
    fn refuses_an_empty_tree() {
        let mut state = owned();
        state.anchor(0, 1_u256);
    }

    #[test]
    #[should_panic(expected: ('not the owner',))]
    fn refuses_others() {
        let mut state = owned();
        set_caller_address(contract_address_const::<8>());
        state.anchor(5, 1_u256);
    }

    #[test]
    #[should_panic(expected: ('no such anchor',))]
    fn knows_no_other() {
        let mut state = owned();
        state.anchor(5, 1_u256);
        state.anchor_at(1);
    }
}
