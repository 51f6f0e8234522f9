package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db.hub:6543/shop, db.hub, 6543, shop",
        "jdbc:postgresql://db.hub/shop, db.hub, 5432, shop",
        "jdbc:postgresql://[::1]:1/a%20b?sslmode=require, ::1, 1, a b",
    })
    void hostPortAndDatabaseComeOutOfTheUrl(String url, String host, int port, String database) {
        DatabaseSettings settings = new DatabaseSettings(url, "u", "p");
        assertThat(settings.host()).isEqualTo(host);
        assertThat(settings.port()).isEqualTo(port);
        assertThat(settings.database()).isEqualTo(database);
    }

    @Test
    void itsTextShowsNoPassword() {
        DatabaseSettings settings = new DatabaseSettings("jdbc:postgresql://h/d?sslpassword=canary-1", "u", "canary-2");
        assertThat(settings.toString()).contains("h/d", "u").doesNotContain("canary");
        assertThat(settings.place()).isEqualTo("h:5432/d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://u:canary@h/d",
                "jdbc:postgresql://u:canary@h/d",
                "jdbc:postgresql://h",
                "jdbc:postgresql://h,i/d?password=canary",
                "jdbc:postgresql://h:99999/d?x=canary",
                "jdbc:postgresql://h/d?ssl=true&Password=canary",
                "jdbc:postgresql://h/d?user=canary"
            })
    void anUnfitUrlIsRefusedWithoutShowingASecret(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DatabaseSettings(url, "u", "p"))
                .satisfies(e -> assertThat(e.getMessage()).contains("URL").doesNotContain("canary"));
    }
}
