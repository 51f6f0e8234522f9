package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FreePortsTest {

    @Test
    void noneIsHandedOutTwiceAndTheFirstOfEachBlockIsListenedOnSoThatNoOtherProcessTakesTheBlock() {
        List<Integer> ports = FreePorts.next(250);

        assertThat(ports).doesNotHaveDuplicates().allMatch(FreePorts::isFree);
        assertThat(ports.stream().map(port -> port - port % 100).distinct())
                .hasSizeGreaterThan(2)
                .noneMatch(FreePorts::isFree);
    }
}
