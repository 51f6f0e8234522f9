package org.anabranch.replicator;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** Bounds what all of a node's stores take together, outside of Java's heap: Streams' defaults are for one store. */
public final class ResolverRocks implements RocksDBConfigSetter {

    private static final long WRITE_BUFFER_BYTES = 4L << 20;
    private static final int WRITE_BUFFERS_MAX = 2;
    private static final Cache BLOCKS = blocks(64L << 20);

    private static Cache blocks(long bytes) {
        RocksDB.loadLibrary();
        return new LRUCache(bytes);
    }

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
        tables.setBlockCache(BLOCKS);
        tables.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(tables);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(WRITE_BUFFERS_MAX);
    }

    @Override
    public void close(String storeName, Options options) {
        // the cache is shared, and stays
    }
}
