package org.anabranch.sandbox.demo;

import java.util.List;

/**
 * One transaction of the workload. Customers and products are named by their place among all, orders by their place among
 * those that the workload keeps, the oldest first: so it means the same whatever keys the database gives.
 */
sealed interface ShopTransaction {

    /** An order with its lines; it takes from the stock of the products, and counts for the customer. */
    record PlaceOrder(int customer, List<Line> lines) implements ShopTransaction {
        public PlaceOrder {
            lines = List.copyOf(lines);
        }
    }

    /** So many of a product. */
    record Line(int product, int quantity) {}

    /** An order goes on to its next status. */
    record AdvanceOrder(int order) implements ShopTransaction {}

    /** An order is cancelled, and its products go back into the stock. */
    record CancelOrder(int order) implements ShopTransaction {}

    /** A product's price goes up or down. */
    record ChangePrice(int product, int percent) implements ShopTransaction {}

    /** The oldest orders go, with their lines. */
    record DeleteOldest(int orders) implements ShopTransaction {}
}
