package org.anabranch.replicator;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus.ConflictStatus;
import org.anabranch.schemas.RegionStatus.EpochStatus;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.anabranch.schemas.RegionStatus.PathStatus;
import org.anabranch.schemas.RegionStatus.QuarantineStatus;
import org.anabranch.schemas.RegionStatus.TableStatus;

/**
 * Applies the region's resolved topic to its database: every origin's transactions whole, in order and once, whatever is
 * killed when, because how far it has come is stored in the transactions that it applies. Only one applier of a pipeline can
 * be at work in a database.
 */
public final class Applier implements Part {

    private final ApplierSettings settings;
    private final InstantSource clock;
    private final ApplierStatus status;
    private final Quarantine quarantine;
    private final OrphanJournal orphans = new OrphanJournal();
    private final CountDownLatch stop = new CountDownLatch(1);

    public Applier(ApplierSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        quarantine = new Quarantine(settings.tables());
        status = new ApplierStatus(settings.origins());
    }

    @Override
    public String name() {
        return "applier";
    }

    /** Returns at the latest when the statement that is under way has ended; what is not committed then is applied again. */
    @Override
    public void run(PartReport report) throws Exception {
        report.state(PartState.STARTING, "connecting to " + settings.database().url());
        try (ApplierRun run = new ApplierRun(settings, clock, status, quarantine, orphans, report, stop)) {
            run.apply();
        }
        report.state(PartState.STOPPED, "");
    }

    @Override
    public void stop() {
        stop.countDown();
    }

    /** For each other region how far it is applied, durably; without rates. Any thread may ask; does not block. */
    public List<PathStatus> paths() {
        return status.paths().stream()
                .filter(path -> !path.origin().equals(settings.region()))
                .toList();
    }

    /** For each table that was written what became of its changes; without rates. Any thread may ask; does not block. */
    public List<TableStatus> tables() {
        return status.tables();
    }

    /** What was committed. Any thread may ask; does not block. */
    public EpochStatus epochs() {
        return status.epochs();
    }

    /** Conflicts that were written down; without rates. Any thread may ask; does not block. */
    public List<ConflictStatus> conflicts() {
        return status.conflicts();
    }

    /** For each table what waits in quarantine, as last seen. Any thread may ask; does not block. */
    public List<QuarantineStatus> quarantine() {
        return quarantine.status();
    }

    /** For each foreign key how many rows have no parent, as last counted. Any thread may ask; does not block. */
    public List<OrphanStatus> orphans() {
        return orphans.status();
    }
}
