-- Drivers that keep their volumes on TrueNAS: known by a volume, by their pods, or by what a class asks of them.
WITH named AS (
  SELECT p.cluster AS cluster, p.driver AS driver
  FROM k8s_pv AS p
  WHERE p.driver IS NOT NULL AND p.family IN ('democratic-csi', 'zfs-generic', 'shared-directory', 'truenas-csi', 'tns-csi')
  UNION ALL
  SELECT c.cluster AS cluster, c.driver AS driver
  FROM k8s_csi_container AS c
  WHERE c.driver IS NOT NULL AND c.role IN ('democratic-csi', 'truenas-csi', 'tns-csi')
  UNION ALL
  SELECT s.cluster AS cluster, s.provisioner AS driver
  FROM k8s_storage_class AS s
  WHERE s.dataset_parent IS NOT NULL
)
SELECT n.cluster AS cluster, n.driver AS driver FROM named AS n GROUP BY n.cluster, n.driver
