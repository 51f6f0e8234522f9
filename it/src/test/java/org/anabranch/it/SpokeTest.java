package org.anabranch.it;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of an applier with a region of their own, and a hub that is the test itself. */
abstract class SpokeTest {

    Spoke spoke;
    HubStream hub;

    @BeforeEach
    void createSpoke() throws Exception {
        spoke = new Spoke();
        hub = spoke.hub;
    }

    @AfterEach
    void end() {
        spoke.close();
    }

    /** Starts an applier and gives back what it is to reach. */
    long startAnd(long hybridMicros) {
        spoke.start();
        return hybridMicros;
    }
}
