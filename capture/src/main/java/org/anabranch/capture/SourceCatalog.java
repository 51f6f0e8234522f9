package org.anabranch.capture;

import java.sql.Connection;
import java.util.List;
import java.util.function.Predicate;
import org.anabranch.schemas.*;

final class SourceCatalog {
    private SourceCatalog() {}

    static List<TableSchema> read(Connection c, Predicate<TableName> p) throws java.sql.SQLException {
        return java.util.Collections.emptyList();
    }
}
