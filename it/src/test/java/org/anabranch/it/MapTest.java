package org.anabranch.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The map in ARCHITECTURE.md, where the modules' dependencies do not draw it already. */
class MapTest {

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.anabranch");
    }

    @Test
    void onlyCaptureKnowsDebezium() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.anabranch.capture..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.debezium..", "org.apache.kafka.connect..")
                .check(classes);
    }

    @Test
    void onlyTheResolversShellKnowsKafkaStreams() {
        noClasses()
                .that()
                .haveNameNotMatching("org\\.anabranch\\.replicator\\.Resolver.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka.streams..")
                .check(classes);
    }

    @Test
    void onlyCaptureAndReplicatorTalkToPostgres() {
        noClasses()
                .that()
                .resideInAnyPackage("org.anabranch.conflict..", "org.anabranch.schemas..", "org.anabranch.node..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.postgresql..")
                .check(classes);
    }

    @Test
    void captureAndReplicatorMeetInTopicsOnly() {
        noClasses()
                .that()
                .resideInAPackage("org.anabranch.capture..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.anabranch.replicator..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.anabranch.replicator..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.anabranch.capture..")
                .check(classes);
    }

    @Test
    void theMergeAlgebraNeedsTheJdkOnly() {
        classes()
                .that()
                .resideInAPackage("org.anabranch.conflict..")
                .and()
                .resideOutsideOfPackage("org.anabranch.conflict.laws..") // tests, in a jar
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java.lang..", "java.math..", "java.util..", "org.anabranch.conflict..", "org.jspecify..")
                .check(classes);
    }
}
