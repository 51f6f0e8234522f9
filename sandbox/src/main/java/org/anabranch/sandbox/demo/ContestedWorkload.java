package org.anabranch.sandbox.demo;

import java.util.List;
import java.util.Random;

/**
 * What is written in a region to tables that all regions write, the same for the same seed and region. Half of it goes to a few rows, so
 * that regions often write the same one at the same time.
 */
final class ContestedWorkload {

    /** Products and customers that are written; those after them are left to people. */
    static final int WRITTEN = 30;

    static final int POPULAR = 3;

    private static final List<String> WAREHOUSES = List.of("north", "south");
    private static final List<String> ITEMS = List.of("mug", "lamp", "scarf", "notebook", "kettle", "chair", "clock");
    private static final int QUANTITY_MAX = 3;
    private static final int RESTOCKED = 12;
    private static final int PERCENT_MAX = 5;

    private static final String ADD = """
            UPDATE inventory SET on_hand = on_hand + ? WHERE product_id = ? AND warehouse = ?""";
    private static final String CHANGE_PRICE = """
            UPDATE inventory SET price = greatest(0.50, least(1000, round(price * (100 + ?) / 100, 2)))
            WHERE product_id = ? AND warehouse = ?""";
    private static final String FILL_CART = """
            INSERT INTO carts (items, region, customer_id) VALUES (?, ?, ?)
            ON CONFLICT (customer_id) DO UPDATE
            SET items = EXCLUDED.items, region = EXCLUDED.region, updated_at = now()""";
    private static final String EMPTY_CART = "DELETE FROM carts WHERE customer_id = ?";

    private final Random random;
    private final String region;

    ContestedWorkload(long seed, String region) {
        this.random = new Random(31 * seed + region.hashCode());
        this.region = region;
    }

    /** A transaction of one statement. */
    record Write(String sql, List<Object> parameters) {
        static Write of(String sql, Object... parameters) {
            return new Write(sql, List.of(parameters));
        }
    }

    Write next() {
        int die = random.nextInt(100);
        if (die < 40) {
            int sold = 1 + random.nextInt(QUANTITY_MAX);
            return Write.of(ADD, die < 5 ? RESTOCKED : -sold, popular(), warehouse());
        }
        if (die < 50) {
            int percent = 1 + random.nextInt(PERCENT_MAX);
            return Write.of(CHANGE_PRICE, random.nextBoolean() ? percent : -percent, popular(), warehouse());
        }
        if (die < 95) {
            return Write.of(FILL_CART, item() + ", " + item(), region, popular());
        }
        return Write.of(EMPTY_CART, popular());
    }

    /** A product's or a customer's number. */
    private int popular() {
        return 1 + random.nextInt(random.nextBoolean() ? POPULAR : WRITTEN);
    }

    private String warehouse() {
        return WAREHOUSES.get(random.nextInt(WAREHOUSES.size()));
    }

    private String item() {
        return ITEMS.get(random.nextInt(ITEMS.size()));
    }
}
