package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {

    private static final int CUSTOMERS = 50;
    private static final int PRODUCTS = 20;

    @Test
    void theSameSeedGivesTheSameTransactions() {
        assertThat(transactions(4711, 2_000)).isEqualTo(transactions(4711, 2_000));
    }

    @Test
    void anotherSeedGivesOthers() {
        assertThat(transactions(4711, 100)).isNotEqualTo(transactions(4712, 100));
    }

    /** A change here is no error, but what a printed seed stood for is then lost. */
    @Test
    void aSeedMeansTheSameInEveryVersion() {
        assertThat(transactions(1, 4).stream().map(Object::toString))
                .containsExactly(
                        "ChangePrice[product=7, percent=-4]",
                        "AdvanceOrder[order=95]",
                        "PlaceOrder[customer=23, lines=[Line[product=18, quantity=2], Line[product=19, quantity=2]]]",
                        "PlaceOrder[customer=39, lines=[Line[product=2, quantity=2], Line[product=3, quantity=3],"
                                + " Line[product=4, quantity=1], Line[product=5, quantity=1]]]");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ordersStayWithinTheirBoundForDaysAndEveryTransactionNamesWhatIsThere(long seed) {
        Workload workload = new Workload(seed, CUSTOMERS, PRODUCTS, 0);
        int orders = 0;
        int deletes = 0;
        for (int i = 0; i < 200_000; i++) {
            switch (workload.next()) {
                case ShopTransaction.PlaceOrder placed -> {
                    orders++;
                    assertThat(placed.customer()).isBetween(0, CUSTOMERS - 1);
                    assertThat(placed.lines()).isNotEmpty().doesNotHaveDuplicates();
                    assertThat(placed.lines().stream().map(ShopTransaction.Line::product))
                            .doesNotHaveDuplicates()
                            .allMatch(product -> product >= 0 && product < PRODUCTS);
                }
                case ShopTransaction.AdvanceOrder advanced ->
                    assertThat(advanced.order()).isBetween(0, orders - 1);
                case ShopTransaction.CancelOrder cancelled ->
                    assertThat(cancelled.order()).isBetween(0, orders - 1);
                case ShopTransaction.ChangePrice changed -> {
                    assertThat(changed.product()).isBetween(0, PRODUCTS - 1);
                    assertThat(changed.percent()).isNotZero();
                }
                case ShopTransaction.DeleteOldest deleted -> {
                    deletes++;
                    orders -= deleted.orders();
                }
            }
            assertThat(orders).isBetween(0, Workload.ORDERS_MAX);
        }
        assertThat(deletes).isPositive();
    }

    @Test
    void aShopWithoutProductsIsRefused() {
        assertThatThrownBy(() -> new Workload(1, CUSTOMERS, 0, 0))
                .hasMessage("a shop needs customers and products, and has 50 and 0");
    }

    private static List<ShopTransaction> transactions(long seed, int count) {
        Workload workload = new Workload(seed, CUSTOMERS, PRODUCTS, 100);
        return Stream.generate(workload::next).limit(count).toList();
    }
}
