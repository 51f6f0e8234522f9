package org.anabranch.conflict.simulation;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation's side of what its database and applier and the real ones have to do alike. */
class GuardContractTest {

    static List<GuardContract.Case> cases() {
        return GuardContract.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theGuardDoesWhatItHasTo(GuardContract.Case one) {
        String initially = one.initially();
        one.steps().accept(initially == null ? ModelRow.absent() : ModelRow.writtenLongAgo(initially));
    }
}
