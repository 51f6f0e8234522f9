package org.anabranch.sandbox.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What the shop's customers do, the same for the same seed and the same shop. It never keeps more than a set number of orders. */
final class Workload {

    static final int ORDERS_MAX = 2_500;

    private static final int DELETED_AT_ONCE = 10;
    private static final int LINES_MAX = 5;
    private static final int QUANTITY_MAX = 3;
    private static final int PERCENT_MAX = 5;

    /** Orders this young are the ones that change. */
    private static final int ACTIVE_ORDERS = 1_000;

    private final Random random;
    private final int customers;
    private final int products;
    private int orders;

    /**
     * @param customers how many there are, at least one
     * @param products how many there are, at least one
     * @param orders how many the workload begins with
     */
    Workload(long seed, int customers, int products, int orders) {
        if (customers < 1 || products < 1) {
            throw new IllegalArgumentException(
                    "a shop needs customers and products, and has " + customers + " and " + products);
        }
        this.random = new Random(seed);
        this.customers = customers;
        this.products = products;
        this.orders = orders;
    }

    ShopTransaction next() {
        if (orders >= ORDERS_MAX) {
            orders -= DELETED_AT_ONCE;
            return new ShopTransaction.DeleteOldest(DELETED_AT_ONCE);
        }
        int die = random.nextInt(100);
        if (die < 45 || orders == 0) {
            return placeOrder();
        }
        if (die < 80) {
            return new ShopTransaction.AdvanceOrder(activeOrder());
        }
        if (die < 83) {
            return new ShopTransaction.CancelOrder(activeOrder());
        }
        int percent = 1 + random.nextInt(PERCENT_MAX);
        return new ShopTransaction.ChangePrice(random.nextInt(products), random.nextBoolean() ? percent : -percent);
    }

    private ShopTransaction placeOrder() {
        int count = Math.min(1 + random.nextInt(LINES_MAX), products);
        List<ShopTransaction.Line> lines = new ArrayList<>(count);
        int first = random.nextInt(products);
        for (int i = 0; i < count; i++) {
            // Neighbours, so that no product comes twice, and in one order, so that orders do not deadlock.
            lines.add(new ShopTransaction.Line((first + i) % products, 1 + random.nextInt(QUANTITY_MAX)));
        }
        orders++;
        return new ShopTransaction.PlaceOrder(random.nextInt(customers), lines);
    }

    private int activeOrder() {
        int active = Math.min(orders, ACTIVE_ORDERS);
        return orders - 1 - random.nextInt(active);
    }
}
